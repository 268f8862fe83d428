import { RestFault } from '../fault.ts';
import type { QualifiedName, Routine, SchemaCache } from '../schema/schema-cache.ts';
import { findClosestName } from './closest-name.ts';

export interface CallSearch {
  readonly name: QualifiedName;
  /** Distinct, sorted. */
  readonly keys: readonly string[];
  /** Only then a body can be the one unnamed argument. */
  readonly isPost: boolean;
  readonly contentType: string;
}

/** The type of an unnamed parameter that takes a body of the media type whole, in words. */
const BODY_PARAMETER: Readonly<Record<string, string>> = {
  'text/plain': 'text',
  'text/xml': 'xml',
  'application/octet-stream': 'bytea',
};

/** 404 `PGRST202`. The hint names what has a similar name, or the overload with the most similar parameters. */
export function functionNotFound(
  search: CallSearch,
  overloads: readonly Routine[],
  cache: SchemaCache,
): RestFault {
  const { name, keys, isPost, contentType } = search;
  const full = `${name.schema}.${name.name}`;
  const bodyType = isPost ? BODY_PARAMETER[contentType] : undefined;
  const called = bodyType === undefined ? withKeys(keys, `(${keys.join(', ')})`) : '';
  return new RestFault(404, 'PGRST202', `Could not find the function ${full}${called} in the schema cache`, {
    details: `Searched for the function ${full}${describeSearch(search, bodyType)}, but no matches were found in the schema cache.`,
    hint: bodyType === undefined ? renderHint(search, overloads, cache) : null,
  });
}

/** 300 `PGRST203`. */
export function severalFunctions(routines: readonly Routine[]): RestFault {
  const candidates = routines.map(({ schema, name, parameters }) => {
    const list = parameters.map((parameter) => `${parameter.name} => ${parameter.type}`);
    return `${schema}.${name}(${list.join(', ')})`;
  });
  return new RestFault(
    300,
    'PGRST203',
    `Could not choose the best candidate function between: ${candidates.join(', ')}`,
    {
      hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
    },
  );
}

function withKeys(keys: readonly string[], text: string): string {
  return keys.length === 0 ? ' without parameters' : text;
}

function describeSearch({ keys, isPost, contentType }: CallSearch, bodyType: string | undefined): string {
  if (bodyType !== undefined) return ` with a single unnamed ${bodyType} parameter`;
  const named = withKeys(keys, ` with parameter${keys.length > 1 ? 's' : ''} ${keys.join(', ')}`);
  return isPost && contentType === 'application/json'
    ? `${named} or with a single unnamed json/jsonb parameter`
    : named;
}

function renderHint(
  { name, keys }: CallSearch,
  overloads: readonly Routine[],
  cache: SchemaCache,
): string | null {
  const closest =
    overloads.length === 0 ? findSimilarName(name, cache) : findSimilarOverload(name, keys, overloads);
  return closest === undefined ? null : `Perhaps you meant to call the function ${name.schema}.${closest}`;
}

function findSimilarName({ schema, name }: QualifiedName, cache: SchemaCache): string | undefined {
  const names = [...cache.routines.values()].flat().filter((one) => one.schema === schema);
  return findClosestName(
    name,
    names.map((one) => one.name),
  );
}

function findSimilarOverload(
  { name }: QualifiedName,
  keys: readonly string[],
  overloads: readonly Routine[],
): string | undefined {
  const lists = overloads.map(({ parameters }) => listText(parameters.map((one) => one.name)));
  const closest = findClosestName(listText(keys), lists);
  return closest === undefined ? undefined : `${name}${closest}`;
}

function listText(names: readonly string[]): string {
  return `(${names.toSorted().join(', ')})`;
}
