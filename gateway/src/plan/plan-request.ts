import type { TenantSettings } from '../config/settings.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { checkTimezone } from '../request/parse-preferences.ts';
import { keyOf, type QualifiedName, type Routine, type SchemaCache } from '../schema/schema-cache.ts';
import { type MediaTarget, type NegotiatedMedia, negotiateMedia } from './media-negotiation.ts';
import type { CallPlan, MutationPlan, Plan, ReadOnlyPlan, ReadPlan } from './plan.ts';
import { planCall } from './plan-call.ts';
import { planMutation } from './plan-mutation.ts';
import { splitSource } from './plan-mutation-returning.ts';
import { planRead } from './plan-read.ts';

/** An isolation level that a function asks for counts only where the settings let functions set it. */
const ISOLATION_SETTING = 'default_transaction_isolation';

type Core = CallPlan | MutationPlan | ReadOnlyPlan;

/**
 * What a request means for this database. `inspect` and `describe` need no plan: they are answered from the cache.
 * @throws RestFault those of `planRead`, `planMutation`, `planCall` and `negotiateMedia`; `PGRST122`, `PGRST128`.
 */
export function planRequest(request: ApiRequest, cache: SchemaCache, settings: TenantSettings): Plan {
  const core = planCore(request, cache, settings);
  const media = negotiate(request, core, cache, settings);
  const preferences = checkTimezone(request.preferences, cache.timezones);
  const isStrict = preferences.handling === 'strict';
  const countsAffected = core.kind === 'call' || core.kind === 'delete' || core.kind === 'update';
  return {
    ...core,
    ...media,
    count: preferences.count,
    maxAffected: isStrict && countsAffected ? preferences.maxAffected : null,
    access: isWriting(request, core) ? 'read write' : 'read only',
    isolation: isolationOf(core, settings),
  };
}

function planCore(request: ApiRequest, cache: SchemaCache, settings: TenantSettings): Core {
  switch (request.action) {
    case 'read': {
      const table = { schema: request.schema, name: targetName(request) };
      const source = { kind: 'table', table } as const;
      return { kind: 'read', read: planRead(request.query, source, cache, settings, request.range) };
    }
    case 'call': {
      const call = planCall(request, cache);
      const source = { kind: 'call', routine: call.routine } as const;
      const read = planRead(request.query, source, cache, settings, request.range);
      const table = cache.tables.get(keyOf(call.routine.returns.type)) ?? null;
      return { kind: 'call', ...call, ...splitSource(read, table) };
    }
    case 'describe':
    case 'inspect':
      throw new Error(`There is nothing to plan for ${request.action}`);
    default:
      return planMutation(request, cache, settings);
  }
}

function targetName({ target }: ApiRequest): string {
  return target.kind === 'root' ? '' : target.name;
}

function negotiate(
  request: ApiRequest,
  core: Core,
  cache: SchemaCache,
  settings: TenantSettings,
): NegotiatedMedia {
  const target: MediaTarget = {
    identifier: identifierOf(request, core, cache),
    isWhole: isWhole(core.read),
    shape: core.kind === 'call' ? shapeOf(core.routine) : 'array',
    handlers: cache.mediaConverters,
    isPlanEnabled: settings.dbPlanEnabled,
  };
  const media = negotiateMedia(request.accept, target);
  if (media.body.kind === 'explain') {
    return showsRows(request, core) ? media : { ...media, body: { ...media.body, of: { kind: 'none' } } };
  }
  return showsRows(request, core) ? media : { ...media, body: { kind: 'none' } };
}

/** Rows of a table are shown by the handlers of that table, also when a function returned them. */
function identifierOf(request: ApiRequest, core: Core, cache: SchemaCache): QualifiedName {
  if (core.kind !== 'call') return { schema: request.schema, name: targetName(request) };
  const { returns } = core.routine;
  const isTable = returns.kind === 'composite' && !returns.isRecord && cache.tables.has(keyOf(returns.type));
  return isTable ? returns.type : core.routine;
}

function isWhole({ select, embeds }: ReadPlan): boolean {
  const [first, ...others] = select;
  return first?.field.name === '*' && first.aggregate === null && others.length === 0 && embeds.length === 0;
}

function shapeOf({ returns }: Routine): MediaTarget['shape'] {
  if (returns.kind === 'composite') return returns.isSet ? 'array' : 'object';
  return returns.isSet ? 'scalar-array' : 'scalar';
}

function showsRows(request: ApiRequest, core: Core): boolean {
  if (request.isHead) return false;
  if (core.kind === 'read') return true;
  if (core.kind === 'call') return core.routine.returns.kind !== 'void';
  return request.preferences.representation === 'full';
}

function isWriting(request: ApiRequest, core: Core): boolean {
  if (core.kind === 'read') return false;
  return core.kind !== 'call' || (request.method === 'POST' && core.routine.volatility === 'volatile');
}

function isolationOf(core: Core, settings: TenantSettings): string | null {
  const isHoisted = core.kind === 'call' && settings.dbHoistedTxSettings.includes(ISOLATION_SETTING);
  return isHoisted ? core.routine.isolation : null;
}
