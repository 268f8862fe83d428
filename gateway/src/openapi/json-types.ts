import { type JsonType, optional, type Schema } from './open-api-types.ts';

const types: Readonly<Record<string, JsonType | null>> = {
  bigint: 'integer',
  boolean: 'boolean',
  'double precision': 'number',
  integer: 'integer',
  // Any JSON: a type would only be wrong.
  json: null,
  jsonb: null,
  numeric: 'number',
  real: 'number',
  smallint: 'integer',
};

/** How a Postgres type looks in JSON; `null`: it may be anything. */
export function jsonTypeOf(type: string): JsonType | null {
  if (Object.hasOwn(types, type)) {
    return types[type] ?? null;
  }
  return type.endsWith('[]') ? 'array' : 'string';
}

export function elementTypeOf(arrayType: string): string {
  return arrayType.slice(0, -'[]'.length);
}

/** `type`, `items` and `format` of a value of a Postgres type. */
export function schemaOfType(type: string): Schema {
  const jsonType = jsonTypeOf(type);
  const items = jsonType === 'array' ? optional('type', jsonTypeOf(elementTypeOf(type))) : null;
  return { ...optional('type', jsonType), ...optional('items', items), format: type };
}

/** A default as a JSON value; `undefined` for an expression that only Postgres can work out. */
export function defaultOf(type: string, expression: string | null): unknown {
  if (expression === null) {
    return undefined;
  }
  if (jsonTypeOf(type) !== 'string') {
    return parseJson(expression);
  }
  const cast = `::${type}`;
  const literal = expression.endsWith(cast)
    ? expression.slice(0, -cast.length).replace(/^'+|'+$/g, '')
    : expression;
  return parseJson(`"${literal}"`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
