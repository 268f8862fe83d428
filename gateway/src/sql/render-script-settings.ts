import type { Identity } from '../auth/identity.ts';
import type { TenantSettings } from '../config/settings.ts';
import type { Plan } from '../plan/plan.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import { quoteIdentifier } from './quote.ts';
import type { Statement } from './statement.ts';

/** Goes into `BEGIN`: inside a transaction it would come too late. */
export const ISOLATION_SETTING = 'default_transaction_isolation';

type Setting = readonly [name: string, value: string];

/**
 * One statement that sets everything a request sets, for its transaction only. Names and values are parameters.
 * What needs the rights of the login comes before the role is left; what a function asks for comes last, so it wins.
 */
export function renderSettings(
  request: ApiRequest,
  plan: Plan,
  identity: Identity,
  cache: SchemaCache,
  settings: TenantSettings,
): Statement {
  const pairs = [
    ...ofRole(identity.role, cache),
    ...ofRequest(request, identity, settings),
    ...ofTimezone(request, cache),
    ...ofFunction(plan, settings),
  ];
  return {
    text: `SELECT ${pairs.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, true)`).join(', ')}`,
    values: pairs.flat(),
  };
}

function ofRole(role: string, cache: SchemaCache): readonly Setting[] {
  return (cache.roleSettings?.get(role) ?? []).filter(([name]) => name !== ISOLATION_SETTING);
}

function ofRequest(request: ApiRequest, identity: Identity, settings: TenantSettings): readonly Setting[] {
  const schemas = [request.schema, ...settings.dbExtraSearchPath];
  // Cookies have a setting of their own.
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'cookie');
  return [
    ['search_path', schemas.map((schema) => quoteIdentifier(schema)).join(', ')],
    ...Object.entries(settings.appSettings),
    ['role', identity.role],
    ['request.jwt.claims', identity.claims],
    ['request.method', request.method],
    ['request.path', request.path],
    ['request.headers', JSON.stringify(Object.fromEntries(headers))],
    ['request.cookies', JSON.stringify(request.cookies)],
  ];
}

/** A timezone that the server does not know is as if nobody had asked. */
function ofTimezone({ preferences }: ApiRequest, cache: SchemaCache): readonly Setting[] {
  const { timezone } = preferences;
  return timezone !== null && cache.timezones.has(timezone) ? [['timezone', timezone]] : [];
}

function ofFunction(plan: Plan, settings: TenantSettings): readonly Setting[] {
  if (plan.kind !== 'call') return [];
  return plan.routine.settings.filter(
    ([name]) => name !== ISOLATION_SETTING && settings.dbHoistedTxSettings.includes(name),
  );
}
