import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRead } from '../plan/plan-read.ts';
import { filmCache } from '../plan/test-cache.ts';
import { parseRequest } from '../request/parse-request.ts';
import { requestOf, tenantSettings } from '../request/test-requests.ts';
import { renderCount, renderRead } from './render-read.ts';
import { Values } from './values.ts';

const cache = filmCache();
const settings = tenantSettings({ dbSchemas: ['api'], dbAggregatesEnabled: true });

function render(url: string, form: typeof renderRead = renderRead): readonly [string, readonly unknown[]] {
  const { query, range } = parseRequest(requestOf('GET', url), settings);
  const source = { kind: 'table', table: { schema: 'api', name: 'films' } } as const;
  const values = new Values();
  return [form(planRead(query, source, cache, settings, range), values), values.list];
}

const whereOf = (filter: string) => {
  const [text, values] = render(`/films?select=id&${filter}`);
  return [text.slice(text.indexOf(' WHERE ') + 7), ...values];
};

test.each([
  ['id=eq.1', '"films"."id" = $1', '1'],
  ['id=not.neq.1', 'NOT ("films"."id" <> $1)', '1'],
  ['id=gt(any).{1,2}', '"films"."id" > ANY($1)', '{1,2}'],
  ['title=like(all).{a*,*b}', '"films"."title" LIKE ALL($1)', '{a%,%b}'],
  ['title=ilike.*x*', '"films"."title" ILIKE $1', '%x%'],
  ['id=in.(1,2)', '"films"."id" = ANY($1)', '{"1","2"}'],
  ['id=in.()', '"films"."id" = ANY($1)', '{}'],
  ['id=is.null', '"films"."id" IS NULL'],
  ['id=is.not_null', '"films"."id" IS NOT NULL'],
  ['id=isdistinct.1', '"films"."id" IS DISTINCT FROM $1', '1'],
  ['tags=cs.{a}', '"films"."tags" @> $1', '{a}'],
  ['tags->0=eq.a', '(to_jsonb("films"."tags")->$1::int4) = $2', '0', 'a'],
  ['extra->a->>b=eq.c', '("films"."extra"->$1->>$2) = $3', 'a', 'b', 'c'],
  ['title=fts.a', 'to_tsvector("films"."title") @@ to_tsquery($1)', 'a'],
  [
    'title=wfts(english).a',
    'to_tsvector($1::regconfig, "films"."title") @@ websearch_to_tsquery($1::regconfig, $2)',
    ...['english', 'a'],
  ],
  [
    'or=(id.eq.1,not.and(id.gt.2,id.lt.3))',
    '("films"."id" = $1 OR NOT (("films"."id" > $2 AND "films"."id" < $3)))',
    ...['1', '2', '3'],
  ],
])('%s', (filter, ...expected) => {
  expect(whereOf(filter)).toEqual(expected);
});

test('fields, limits and order', () => {
  expect(render('/films?select=n:title,id::text&order=title.desc.nullslast,id&limit=5&offset=10')).toEqual([
    'SELECT "films"."title" AS "n", CAST("films"."id" AS text) AS "id" FROM "api"."films" AS "films"' +
      ' ORDER BY "films"."title" DESC NULLS LAST, "films"."id" LIMIT $1 OFFSET $2',
    ['5', '10'],
  ]);
});

test('one of something is a join, many are gathered', () => {
  expect(render('/films?select=director!inner(name),roles(part)')[0]).toBe(
    'SELECT row_to_json("people_1_rows".*) AS "director", coalesce("roles_1_rows"."rows", \'[]\') AS "roles"' +
      ' FROM "api"."films" AS "films"' +
      ' INNER JOIN LATERAL (SELECT "people_1"."name" AS "name" FROM "api"."people" AS "people_1"' +
      ' WHERE "films"."director" = "people_1"."id") AS "people_1_rows" ON TRUE' +
      ' LEFT JOIN LATERAL (SELECT json_agg("r".*) AS "rows" FROM (SELECT "roles_1"."part" AS "part"' +
      ' FROM "api"."roles" AS "roles_1" WHERE "films"."id" = "roles_1"."film") AS "r") AS "roles_1_rows" ON TRUE',
  );
});

test('a count keeps what decides which rows there are, and nothing else', () => {
  const url = '/films?select=*,director(name),roles!inner(part)&roles.part=eq.x&order=id&limit=1';
  expect(render(url, renderCount)).toEqual([
    'SELECT FROM "api"."films" AS "films" WHERE EXISTS' +
      ' (SELECT FROM "api"."roles" AS "roles_1" WHERE "films"."id" = "roles_1"."film" AND "roles_1"."part" = $1)',
    ['x'],
  ]);
});

test('texts of a request are parameters, wherever they stand', () => {
  const word = fc.stringMatching(/^[a-z]{6,12}$/).map((text) => `zq${text}`);
  fc.assert(
    fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), (words) => {
      const [a, b, c, d, e, f, g, h] = words;
      const url =
        `/films?select=x:extra->${a}->>${b},roles(part)&title=eq.${c}&id=in.(${d},${e})&extra->${f}=cs.${g}` +
        `&title=fts(${h}).${a}&roles.part=like(any).{${b}}&or=(title.eq.${c},title.match.${d})&order=extra->${e}`;
      const [text, values] = render(url);
      expect(words.filter((one) => text.includes(one))).toEqual([]);
      expect(words.filter((one) => !values.some((value) => String(value).includes(one)))).toEqual([]);
    }),
  );
});
