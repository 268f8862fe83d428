import type { Column } from '../../output/table.ts';
import { relativeTime, relativeTimeOrDash } from '../../output/time.ts';

/** What the lists of own keys and of another user's keys have in common. */
interface AnyKey {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[] | null;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
}

export function keyColumns<K extends AnyKey>(renderRevoked: (key: K) => string): readonly Column<K>[] {
  return [
    { title: 'ID', cell: (key) => String(key.id) },
    { title: 'NAME', cell: (key) => key.name },
    { title: 'KEY', cell: (key) => `${key.prefix}…` },
    { title: 'SCOPES', cell: (key) => renderScopes(key.scopes) },
    { title: 'CREATED', cell: (key) => relativeTime(key.created_at) },
    { title: 'LAST USED', cell: (key) => relativeTimeOrDash(key.last_used_at) },
    { title: 'EXPIRES', cell: (key) => relativeTimeOrDash(key.expires_at) },
    { title: 'REVOKED', cell: renderRevoked },
  ];
}

/** `null` is no limit beside what its user may. */
export function renderScopes(scopes: readonly string[] | null): string {
  if (scopes === null) return 'all';
  return scopes.length === 0 ? 'none' : scopes.join(', ');
}
