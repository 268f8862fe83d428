import type { Identity } from '../auth/identity.ts';
import type { TenantSettings } from '../config/settings.ts';
import type { Plan } from '../plan/plan.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import { quoteIdentifier } from './quote.ts';
import { renderCountPlan, renderMain } from './render-main.ts';
import { ISOLATION_SETTING, renderSettings } from './render-script-settings.ts';
import type { Script, Statement } from './statement.ts';

const ISOLATION_LEVELS = ['read committed', 'read uncommitted', 'repeatable read', 'serializable'];

/** Everything that one planned request sends, in order, in one transaction. */
export function renderScript(
  request: ApiRequest,
  plan: Plan,
  identity: Identity,
  cache: SchemaCache,
  settings: TenantSettings,
): Script {
  return {
    begin: renderBegin(plan, identity, cache),
    settings: renderSettings(request, plan, identity, cache, settings),
    preRequest: renderPreRequest(settings.dbPreRequest),
    main: renderMain(plan, settings),
    countPlan: renderCountPlan(plan),
  };
}

/** A function's own isolation comes before the one of the role. */
function renderBegin(plan: Plan, identity: Identity, cache: SchemaCache): string {
  const ofRole = cache.roleSettings?.get(identity.role)?.find(([name]) => name === ISOLATION_SETTING)?.[1];
  const wanted = (plan.isolation ?? ofRole ?? '').toLowerCase();
  // The wish is text out of the catalog, so only words known here become SQL.
  const level = ISOLATION_LEVELS.find((one) => one === wanted) ?? 'read committed';
  return `BEGIN ISOLATION LEVEL ${level.toUpperCase()} ${plan.access.toUpperCase()}`;
}

/** The function comes from the configuration: `schema.name`, or a name that the search path finds. */
function renderPreRequest(name: string | null): Statement | null {
  if (name === null) return null;
  const dot = name.indexOf('.');
  const parts = dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)];
  return { text: `SELECT ${parts.map((part) => quoteIdentifier(part)).join('.')}()`, values: [] };
}
