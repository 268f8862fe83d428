import type { CallPlan } from '../plan/plan.ts';
import type { Payload } from '../request/api-request.ts';
import type { Parameter, Routine } from '../schema/schema-cache.ts';
import { arrayLiteral, quoteColumn, quoteIdentifier, quoteQualified } from './quote.ts';
import type { SqlValue } from './statement.ts';
import type { Values } from './values.ts';

/** The one column of what a function returns that is no composite. */
export const SCALAR_COLUMN = 'pgrst_scalar';

const CALL = 'pgrst_call';
const ARGUMENTS = 'pgrst_arguments';

type NamedArgument = readonly [parameter: Parameter, value: string];

interface RenderedArguments {
  readonly list: string;
  /** Where the list takes its values from; `null`: it holds parameters itself. */
  readonly from: string | null;
}

/** A SELECT of what the function returns: its columns, or `pgrst_scalar`. */
export function renderCall(plan: CallPlan, values: Values): string {
  const { list, from } = renderArguments(plan, values);
  const call = `${quoteQualified(plan.routine)}(${list})`;
  if (plan.routine.returns.kind !== 'composite') {
    return `SELECT ${call} AS ${SCALAR_COLUMN}${from === null ? '' : ` FROM ${from}`}`;
  }
  const columns = plan.returning.map((name) => (name === '*' ? `${CALL}.*` : quoteColumn(CALL, name)));
  // A call in FROM, so that Postgres can inline a simple function and push filters into it.
  return `SELECT ${columns.join(', ') || '1'} FROM ${from === null ? '' : `${from}, LATERAL `}${call} AS ${CALL}`;
}

function renderArguments({ arguments: given, routine }: CallPlan, values: Values): RenderedArguments {
  switch (given.kind) {
    case 'body': {
      const value = values.add(bodyValue(given.payload, given.parameter));
      return { list: `${value}::${given.parameter.type}`, from: null };
    }
    case 'texts': {
      const list = given.values.map(({ parameter, texts }): NamedArgument => {
        const text = parameter.isVariadic ? arrayLiteral(texts) : (texts.at(-1) ?? null);
        return [parameter, `${values.add(text)}::${parameter.type}`];
      });
      return { list: renderList(list, routine), from: null };
    }
    case 'json':
      return given.parameters.length === 0
        ? { list: '', from: null }
        : renderJsonArguments(given, routine, values);
  }
}

function renderJsonArguments(
  given: Extract<CallPlan['arguments'], { kind: 'json' }>,
  routine: Routine,
  values: Values,
): RenderedArguments {
  const { parameters, isArray } = given;
  const json = `${values.add(given.text)}::json`;
  const record = isArray ? `(${json})->0` : json;
  const definitions = parameters.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  const list = parameters.map((one): NamedArgument => [one, quoteColumn(ARGUMENTS, one.name)]);
  return {
    list: renderList(list, routine),
    from: `json_to_record(${record}) AS ${ARGUMENTS}(${definitions.join(', ')})`,
  };
}

/**
 * By name, so that any of them may be absent. Postgres takes no names for a variadic function whose last parameter is
 * absent; then those before it go by their places.
 */
function renderList(list: readonly NamedArgument[], routine: Routine): string {
  const isCut = routine.hasVariadic && !list.some(([{ isVariadic }]) => isVariadic);
  const isPrefix = list.every(([{ name }], at) => routine.parameters[at]?.name === name);
  if (isCut && isPrefix) return list.map(([, value]) => value).join(', ');
  return list
    .map(
      ([{ name, isVariadic }, value]) =>
        `${isVariadic ? 'VARIADIC ' : ''}${quoteIdentifier(name)} := ${value}`,
    )
    .join(', ');
}

function bodyValue(payload: Payload | null, parameter: Parameter): SqlValue {
  if (payload?.kind === 'json') return payload.text;
  if (payload?.kind !== 'raw') return '';
  return parameter.type === 'bytea' ? payload.bytes : payload.bytes.toString('utf8');
}
