/** Requests that a client might send, or somebody who is none. */
import fc from 'fast-check';
import type { RestRequest } from '../../src/tenants/gateway.ts';
import {
  AGGREGATES,
  CASTS,
  COLUMNS,
  CONDITIONS,
  FUNCTIONS,
  MEDIA,
  METHODS,
  OPERATORS,
  OWN,
  PREFERENCES,
  RELATIONS,
  TABLES,
  TYPES,
  VALUES,
} from './fuzz-words.ts';

const one = (names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...names);
const garbage = fc.string({ unit: 'binary', maxLength: 12 });
const grammar = fc.string({ unit: fc.constantFrom(...`()[]{}.,:;!*"'\\->=&%? $0aé☃`), maxLength: 10 });
const mostly = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 30, arbitrary }, { weight: 1, arbitrary: garbage }, { weight: 1, arbitrary: grammar });

const column = mostly(one(COLUMNS));
const value = mostly(one(VALUES));
const oddCondition = fc.tuple(one(OPERATORS), value).map(([operator, text]) => `${operator}.${text}`);
const condition = fc.oneof({ weight: 3, arbitrary: one(CONDITIONS) }, { weight: 1, arbitrary: oddCondition });

const { select } = fc.letrec<{ select: string; item: string }>((tie) => ({
  select: fc.array(tie('item'), { maxLength: 3 }).map((items) => items.join(',')),
  item: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(fc.constantFrom('', '', '', 'x:'), column, one(AGGREGATES), one(CASTS))
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('', '', '...', 'y:'), mostly(one(RELATIONS)), tie('select'))
      .map(([before, name, children]) => `${before}${name}(${children})`),
  ),
}));

const { logic } = fc.letrec<{ logic: string }>((tie) => ({
  logic: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(column, condition).map(([name, text]) => `${name}.${text}`),
    fc
      .tuple(fc.constantFrom('and', 'or', 'not.or'), fc.array(tie('logic'), { maxLength: 3 }))
      .map(([operator, children]) => `${operator}(${children.join(',')})`),
  ),
}));

const prefix = fc.constantFrom('', '', '', '', 'artists.', 'works.', 'x.', 'museums.exhibitions.');
const columns = fc.array(column, { maxLength: 3 }).map((names) => names.join(','));
const number = fc.oneof(fc.integer({ min: -5, max: 50 }).map(String), value);
const order = fc
  .array(fc.tuple(column, fc.constantFrom('', '.desc', '.asc.nullslast', '.nullsfirst', '.up')), {
    maxLength: 3,
  })
  .map((terms) => terms.map((term) => term.join('')).join(','));
const parameter: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.tuple(prefix, column).map((parts) => parts.join('')),
      condition,
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('select'), select) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      prefix.map((before) => `${before}order`),
      order,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      prefix.chain((before) => fc.constantFrom(`${before}limit`, `${before}offset`)),
      number,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom('and', 'or', 'not.and', 'works.or'),
      fc.array(logic, { maxLength: 3 }).map((trees) => `(${trees.join(',')})`),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('columns', 'on_conflict'), columns) },
  { weight: 2, arbitrary: fc.tuple(column, value) },
  { weight: 1, arbitrary: fc.tuple(garbage, garbage) },
);

const path = fc.oneof(
  { weight: 10, arbitrary: one(TABLES).map((name) => `/${encodeURIComponent(name)}`) },
  { weight: 6, arbitrary: one(FUNCTIONS).map((name) => `/rpc/${encodeURIComponent(name)}`) },
  { weight: 1, arbitrary: fc.constantFrom('/', '', '//', '/rpc', '/rpc/', '/a/b', '/%', '/%ff%00', '/..') },
  { weight: 1, arbitrary: garbage.map((text) => `/${text}`) },
);
/** A query that its table might understand. */
const fittingUrl = fc.constantFrom(...Object.entries(OWN)).chain(([table, names]) => {
  const known = names.split(' ');
  const own = one(known);
  const plain = one(known.filter((name) => !name.includes('(')));
  const fitting = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(plain, condition) },
    {
      weight: 4,
      arbitrary: fc.tuple(
        fc.constant('select'),
        fc.array(own, { maxLength: 4 }).map((list) => list.join(',')),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constant('order'),
        plain.map((name) => `${name}.desc.nullslast`),
      ),
    },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('limit', 'offset'), one(['0', '1', '5'])) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('or', 'not.and'), fc.tuple(plain, condition, plain, condition))
        .map(
          ([operator, [a, b, c, d]]) =>
            [operator, `(${a}.${b},not.and(${c}.${d},${a}.not.is.null))`] as const,
        ),
    },
    { weight: 1, arbitrary: parameter },
  );
  const filterOfKey = fc.constant(['id', 'eq.1'] as const);
  return fc
    .array(fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: filterOfKey }), {
      maxLength: 3,
    })
    .map((parameters) => render(`/${encodeURIComponent(table)}`, parameters, true));
});
const oddUrl = fc
  .tuple(path, fc.array(parameter, { maxLength: 3 }), fc.boolean())
  .map(([place, parameters, isEncoded]) => render(place, parameters, isEncoded));
const callUrl = fc
  .tuple(
    fc.constantFrom(
      'add?a=1&b=2',
      'list_artists?x=1',
      'list_items?',
      'overloaded?a=1',
      'echo_types?',
      'table_of?n=3',
    ),
    fc.array(parameter, { maxLength: 2 }),
  )
  .map(([call, parameters]) => `/rpc/${call}&${render('', parameters, true).slice(1)}`);
const url = fc.oneof(
  { weight: 6, arbitrary: fittingUrl },
  { weight: 3, arbitrary: oddUrl },
  { weight: 1, arbitrary: callUrl },
);

function render(place: string, parameters: readonly (readonly string[])[], isEncoded: boolean): string {
  const encode = (part: string) => (isEncoded ? encodeURIComponent(part.toWellFormed()) : part);
  return `${place}?${parameters.map((pair) => pair.map(encode).join('=')).join('&')}`;
}

/** Most requests have few headers. */
const header = (arbitrary: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary });

/** `tokens`: some that hold, some that do not. */
function headersWith(tokens: readonly string[]): fc.Arbitrary<Record<string, string>> {
  return fc
    .record({
      accept: header(mostly(one(MEDIA))),
      'content-type': header(mostly(one(TYPES))),
      prefer: header(fc.array(mostly(one(PREFERENCES)), { maxLength: 4 }).map((list) => list.join(', '))),
      authorization: header(
        fc.oneof(
          { weight: 9, arbitrary: one(tokens.map((token) => `Bearer ${token}`)) },
          { weight: 1, arbitrary: garbage },
        ),
      ),
      'accept-profile': header(
        fc.constantFrom('api', 'api', 'api', 'api', 'api', 'v2', 'private', 'pg_catalog'),
      ),
      'content-profile': header(fc.constantFrom('api', 'api', 'api', 'api', 'api', 'v2', 'private')),
      range: header(fc.constantFrom('0-1', '5-', '3-1', 'x', '0-99999999999999999999', '-')),
      cookie: header(garbage),
      origin: header(garbage),
    })
    .map((all) => {
      const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return Object.fromEntries(given);
    });
}

const plainColumn = column.map((name) => name.replace(/^"|"$/g, ''));
const field = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.integer(), value);
const row = fc.dictionary(plainColumn, field, { maxKeys: 4 });
const fittingRow = fc.constantFrom(
  { id: 700, name: 'x' },
  { id: 1, name: 'y' },
  { name: 'z' },
  [
    { id: 700, title: 'x' },
    { id: 701, title: 'y' },
  ],
  { a: 1, b: 2 },
  { note: null },
  {},
);
const text = fc.oneof(
  { weight: 8, arbitrary: fittingRow.map((object) => JSON.stringify(object)) },
  { weight: 4, arbitrary: row.map((object) => JSON.stringify(object)) },
  { weight: 2, arbitrary: fc.array(row, { maxLength: 3 }).map((rows) => JSON.stringify(rows)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.uniqueArray(plainColumn, { minLength: 1, maxLength: 3 }), field, field)
      .map(([names, first, second]) =>
        JSON.stringify([first, second].map((each) => Object.fromEntries(names.map((name) => [name, each])))),
      ),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.array(columns, { maxLength: 4 }).map((lines) => lines.join('\n')) },
  {
    weight: 1,
    arbitrary: fc
      .array(parameter, { maxLength: 3 })
      .map((all) => all.map((pair) => pair.join('=')).join('&')),
  },
  { weight: 1, arbitrary: garbage },
);
const body = fc.oneof(
  { weight: 8, arbitrary: text.map((content) => Buffer.from(content)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 2, arbitrary: fc.constant(Buffer.alloc(0)) },
);

export function requestWith(tokens: readonly string[]): fc.Arbitrary<RestRequest> {
  return fc.record({
    method: one(METHODS),
    url,
    headers: headersWith(tokens),
    body,
    remoteAddress: fc.constant(null),
  });
}
