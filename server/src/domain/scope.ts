/** What an API key may be used for, within what its user may do. */

/** Each includes the ones before it; `admin` is the administrator's power, for keys of administrators. */
export const LEVELS = ['read', 'write', 'admin'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * What operations act on: `account` is the caller's own keys and sessions, `user` the accounts of everybody. A
 * database's logins and backups belong to `database`.
 */
export const SCOPE_KINDS = ['database', 'account', 'user'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** `write` is for everything, `database:write` for one kind of thing. */
export type Scope = Level | `${ScopeKind}:${Level}`;

export const SCOPES: readonly Scope[] = [
  ...LEVELS,
  ...SCOPE_KINDS.flatMap((kind) => LEVELS.map((level) => `${kind}:${level}` as const)),
];

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

function parts(scope: Scope): { readonly kind: ScopeKind | null; readonly level: Level } {
  const [first, second] = scope.split(':');
  return second === undefined
    ? { kind: null, level: first as Level }
    : { kind: first as ScopeKind, level: second as Level };
}

/** The highest level that the scopes grant for a kind; -1 for none. `null` stands for all there is. */
function rankFor(scopes: readonly Scope[] | null, kind: ScopeKind): number {
  if (scopes === null) return LEVELS.length - 1;
  const ranks = scopes.map(parts).filter((part) => part.kind === null || part.kind === kind);
  return Math.max(-1, ...ranks.map((part) => LEVELS.indexOf(part.level)));
}

/** True when the scopes allow an operation that needs this level on this kind of thing. */
export function allows(scopes: readonly Scope[] | null, kind: ScopeKind, level: Level): boolean {
  return rankFor(scopes, kind) >= LEVELS.indexOf(level);
}

/** True when nothing in `wanted` goes beyond `held`: a key must not make a stronger one. */
export function covers(held: readonly Scope[] | null, wanted: readonly Scope[] | null): boolean {
  return SCOPE_KINDS.every((kind) => rankFor(wanted, kind) <= rankFor(held, kind));
}
