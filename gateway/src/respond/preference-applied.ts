import type { TenantSettings } from '../config/settings.ts';
import type { Plan } from '../plan/plan.ts';
import type { ApiRequest, Preferences } from '../request/api-request.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';

/** The preferences that this answer honours, in PostgREST's order; `null`: none. */
export function preferenceApplied(
  { preferences, query, action }: Pick<ApiRequest, 'action' | 'preferences' | 'query'>,
  plan: Plan,
  cache: Pick<SchemaCache, 'timezones'>,
  settings: Pick<TenantSettings, 'dbTxEnd'>,
): string | null {
  const isPlainInsert = plan.kind === 'insert' && action !== 'single-upsert';
  const isMutation = plan.kind !== 'read' && plan.kind !== 'call';
  const resolves = isPlainInsert && (plan.onConflict !== null || query.onConflict !== null);
  const limitsRows = plan.kind === 'update' || plan.kind === 'delete' || plan.kind === 'call';
  const applied = [
    resolves && named('resolution', preferences.resolution),
    (isPlainInsert || plan.kind === 'update') && named('missing', preferences.missing),
    isMutation && named('return', representation(preferences)),
    named('count', preferences.count),
    settings.dbTxEnd.endsWith('-allow-override') && named('tx', preferences.transaction),
    named('handling', preferences.handling),
    cache.timezones.has(preferences.timezone ?? '') && named('timezone', preferences.timezone),
    limitsRows && preferences.handling === 'strict' && named('max-affected', preferences.maxAffected),
  ].filter((preference) => typeof preference === 'string');
  return applied.length === 0 ? null : applied.join(', ');
}

function named(name: string, value: number | string | null): string | null {
  return value === null ? null : `${name}=${value}`;
}

function representation({ representation: wanted }: Preferences): string | null {
  const names = { full: 'representation', 'headers-only': 'headers-only', none: 'minimal' };
  return wanted === null ? null : names[wanted];
}
