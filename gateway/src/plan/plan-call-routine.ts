import { keyOf, type Routine, type SchemaCache } from '../schema/schema-cache.ts';
import { type CallSearch, functionNotFound, severalFunctions } from './plan-call-faults.ts';

/** Types of an unnamed parameter that a body of the media type can be. */
const BODY_TYPES: Readonly<Record<string, readonly string[]>> = {
  'application/json': ['json', 'jsonb'],
  'text/plain': ['text'],
  'text/xml': ['xml'],
  'application/octet-stream': ['bytea'],
};

export interface FoundRoutine {
  readonly routine: Routine;
  /** The whole body is its one unnamed argument. */
  readonly takesBody: boolean;
}

/**
 * The one overload that the names of the arguments mean. Where none has these, the one with a single unnamed
 * parameter that takes the body.
 * @throws RestFault 404 `PGRST202` for none, 300 `PGRST203` for several.
 */
export function findRoutine(search: CallSearch, cache: SchemaCache): FoundRoutine {
  const overloads = cache.routines.get(keyOf(search.name)) ?? [];
  const named = overloads.filter((routine) => doNamesMatch(routine, search));
  const candidates = named.length > 0 ? named : overloads.filter((routine) => takesBody(routine, search));
  const [routine, ...others] = candidates;
  if (routine === undefined) throw functionNotFound(search, overloads, cache);
  if (others.length > 0) throw severalFunctions(candidates);
  return { routine, takesBody: named.length === 0 };
}

/** Every required parameter has an argument, and every argument a parameter. */
function doNamesMatch({ parameters }: Routine, { keys, isPost, contentType }: CallSearch): boolean {
  if (parameters.length === 0) {
    // A body that cannot name arguments is meant for a function that takes it.
    const isBare = isPost && contentType !== 'application/json' && BODY_TYPES[contentType] !== undefined;
    return keys.length === 0 && !isBare;
  }
  const names = new Set(parameters.map(({ name }) => name));
  const given = new Set(keys);
  return (
    keys.every((key) => names.has(key)) &&
    parameters.every(({ name, isRequired }) => !isRequired || (name !== '' && given.has(name)))
  );
}

function takesBody({ parameters }: Routine, { isPost, contentType }: CallSearch): boolean {
  const [parameter, ...others] = parameters;
  if (!isPost || parameter === undefined || others.length > 0 || parameter.name !== '') return false;
  return BODY_TYPES[contentType]?.includes(parameter.type) ?? false;
}
