import { RestFault } from '../fault.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { Parameter, Routine, SchemaCache } from '../schema/schema-cache.ts';
import type { CallPlan } from './plan.ts';
import { findRoutine } from './plan-call-routine.ts';

type Arguments = CallPlan['arguments'];

export interface PlannedCall {
  readonly routine: Routine;
  readonly arguments: Arguments;
}

/**
 * The function that a request means, and how its arguments get there: named ones from the query string, from a form or
 * from a JSON object, or the whole body as the one unnamed argument.
 * @throws RestFault `PGRST202`, `PGRST203`, `PGRST128`.
 */
export function planCall(request: ApiRequest, cache: SchemaCache): PlannedCall {
  const isPost = request.action === 'call' && request.method === 'POST';
  const { routine, takesBody } = findRoutine(
    {
      name: { schema: request.schema, name: request.target.kind === 'function' ? request.target.name : '' },
      keys: [...new Set(listKeys(request, isPost))].sort(),
      isPost,
      contentType: request.contentType.type,
    },
    cache,
  );
  refuseUncountable(request, routine);
  const [parameter] = routine.parameters;
  if (takesBody && parameter !== undefined) {
    return { routine, arguments: { kind: 'body', parameter, payload: request.payload } };
  }
  return { routine, arguments: planArguments(request, routine, isPost) };
}

function listKeys({ query, payload }: ApiRequest, isPost: boolean): readonly string[] {
  if (!isPost) return query.args.map(([name]) => name);
  switch (payload?.kind) {
    case 'json':
      return query.columns ?? payload.keys;
    case 'form':
      return payload.fields.map(([name]) => name);
    default:
      return [];
  }
}

function planArguments(request: ApiRequest, routine: Routine, isPost: boolean): Arguments {
  const { query, payload } = request;
  if (!isPost) return planTexts(query.args, routine);
  if (payload?.kind === 'form') return planTexts(payload.fields, routine);
  const keys = new Set(listKeys(request, isPost));
  return {
    kind: 'json',
    text: payload?.kind === 'json' ? payload.text : '{}',
    isArray: payload?.kind === 'json' && payload.isArray,
    parameters: routine.parameters.filter(({ name }) => keys.has(name)),
  };
}

/** The last of several texts for one name counts, but for a variadic parameter, that takes them all. */
function planTexts(given: readonly (readonly [name: string, text: string])[], routine: Routine): Arguments {
  const values = routine.parameters
    .map((parameter: Parameter) => ({
      parameter,
      texts: given.filter(([name]) => name === parameter.name).map(([, text]) => text),
    }))
    .filter(({ texts }) => texts.length > 0);
  return { kind: 'texts', values };
}

/** A single row would hide how many rows the function touched. */
function refuseUncountable({ preferences }: ApiRequest, { returns }: Routine): void {
  if (preferences.handling !== 'strict' || preferences.maxAffected === null || returns.isSet) return;
  throw new RestFault(
    400,
    'PGRST128',
    'Function must return SETOF or TABLE when max-affected preference is used with handling=strict',
  );
}
