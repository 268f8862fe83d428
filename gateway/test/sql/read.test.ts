import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { columnNotFound } from '../../src/plan/read-faults.ts';
import { quoteIdentifier } from '../../src/sql/quote.ts';
import { type ReadSuite, startReadSuite } from './read-suite.ts';

let suite: ReadSuite;
beforeAll(async () => {
  suite = await startReadSuite();
});
afterAll(() => suite.end());

/** The one value of each row. */
async function valuesOf(url: string): Promise<unknown[]> {
  const rows = (await suite.read(url)) as Record<string, unknown>[];
  return rows.map((row) => Object.values(row)[0]);
}

test.each([
  ['/works?select=size->width,size->>unit,tags->0&id=eq.1', [{ width: 80, unit: 'cm', tags: 'sea' }]],
  ['/works?select=details->layers->2->>tone,d:details->layers->0&id=eq.1', [{ tone: 'blue', d: 1 }]],
  ['/works?select=id::text,price::int&id=eq.1', [{ id: '1', price: 1201 }]],
  ['/guides?select=m:mood::text,mood::mood&id=eq.1', [{ m: 'calm', mood: 'calm' }]],
  ['/artists?select=initials&id=eq.1', [{ initials: 'A.' }]],
  ['/items?select=*,shouted&id=eq.1', [{ id: 1, name: 'item 1', note: 'note 1', shouted: 'ITEM 1' }]],
  ['/items?select=id&shouted=eq.ITEM 2', [{ id: 2 }]],
  ['/palette?select=color,c:color::text&id=eq.1', [{ color: '#ff0000', c: '16711680' }]],
  [
    '/palette?select=*&id=eq.2',
    [{ id: 2, name: 'black', color: '#000000', colors: null, seen: null, hidden: null }],
  ],
  ['/palette?select=name&color=eq.%23ff0000', [{ name: 'red' }]],
  ['/palette?select=name&color=in.(%23ff0000,%23000000)&order=name', [{ name: 'black' }, { name: 'red' }]],
  [
    '/with space?select="a.b","quo\\"te","odd field"&"a.b"=eq.dot',
    [{ 'a.b': 'dot', 'quo"te': 'quote', 'odd field': 14 }],
  ],
  ['/select?select=from,where,on_conflict&user=eq.u', [{ from: 1, where: 'here', on_conflict: 'o' }]],
  ['/Ünï–cödé ☃?select=clé&σ=eq.1', [{ clé: 'é' }]],
  ['/works?select=&limit=2', [{}, {}]],
  ['/nothing?select=*', []],
  ['/artists?select=count', [{ count: 4 }]],
])('%s', async (url, expected) => {
  expect(await suite.read(url)).toEqual(expected);
});

test.each([
  ['id=in.(1,2,"3")', [1, 2, 3]],
  ['id=in.()', []],
  ['id=not.in.(1,2)', [3, 4, 5]],
  ['id=eq(any).{1,5}', [1, 5]],
  ['id=gte(all).{1,4}', [4, 5]],
  ['title=like(any).{H*,*arr*}', [1, 2]],
  ['title=ilike.*a*', [1, 2, 4]],
  ['title=not.like.*a*', [3, 5]],
  ['title=match.^H', [1]],
  ['title=imatch.^h', [1]],
  ["title=eq.Nobody's work", [5]],
  ['title=in.("Glass, broken","Untitled (3)")', [3, 4]],
  ['year=is.null', [5]],
  ['year=is.not_null&year=not.gt.1904', [1, 2]],
  ['year=isdistinct.1899', [2, 3, 4, 5]],
  ['tags=cs.{oil}', [1, 2]],
  ['tags=cd.{oil,found}', [2, 3, 5]],
  ['tags=ov.{sea,glass}', [1, 4]],
  ['details->>technique=eq.oil', [1, 2]],
  ['details->signed=eq.true', [1]],
  ['details=cs.{"technique":"oil"}', [1, 2]],
  ['size->>unit=eq.m', [4]],
  ['tags->>0=eq.oil', [2]],
  ['or=(id.eq.1,and(year.gt.1900,year.lt.1950))', [1, 2, 3]],
  ['not.or=(id.eq.1,id.eq.2)&id=neq.3', [4, 5]],
  ['and=(id.gt.1,not.or(year.is.null,year.gt.1950))', [2, 3]],
])('works where %s', async (filter, expected) => {
  expect(await valuesOf(`/works?select=id&order=id&${filter}`)).toEqual(expected);
  expect(await suite.count(`/works?select=id&${filter}&limit=1`)).toBe(expected.length);
});

test.each([['ov.[2,3)', 'sl.[100,120)', 'nxr.[1,10)', 'nxl.[1,10)', 'adj.[10,12)', 'sr.[-5,0)', 'cs.[2,3)']])(
  'ranges know their operators',
  async (...operations) => {
    for (const operation of operations) {
      expect([operation, await valuesOf(`/all_types?select=id&i4r=${operation}`)]).toEqual([operation, [1]]);
    }
  },
);

test.each([
  ['body=fts(english).cats', [1, 3]],
  ['body=plfts.fat cat', [1]],
  ['vector=fts(english).fat & cat', [1]],
  ['doc=wfts(simple).katzen', [2]],
  ['doc->>t=phfts.fat cat', [1]],
  ['body=not.fts(simple).cat', [2, 4]],
])('texts where %s', async (filter, expected) => {
  expect(await valuesOf(`/texts?select=id&order=id&${encodeURI(filter).replaceAll(' & ', '%26')}`)).toEqual(
    expected,
  );
});

test.each([
  ['uid=eq.abc', '22P02', 'invalid input syntax for type uuid: "abc"'],
  ['day=gt.notadate', '22007', 'invalid input syntax for type date: "notadate"'],
  ['id=in.(1,x)', '22P02', 'invalid input syntax for type integer: "x"'],
  ['mood=eq.angry', '22P02', 'invalid input value for enum api.mood: "angry"'],
  ['js=eq.1', '42883', 'operator does not exist: json = unknown'],
  ['id=like.1', '42883', 'operator does not exist: integer ~~ unknown'],
  ['txt->a=eq.1', '42883', 'operator does not exist: text -> unknown'],
  ['txt=fts(klingon).x', '42704', 'text search configuration "klingon" does not exist'],
])('what is wrong with %s is said by Postgres', async (filter, code, message) => {
  await expect(suite.read(`/all_types?select=id&${filter}`)).rejects.toMatchObject({
    code,
    message: message.replace('api.mood', 'mood'),
  });
});

test('rows are ordered, limited and skipped', async () => {
  expect(await valuesOf('/numbers?select=n&order=is_even.desc,n.desc&limit=3&offset=1')).toEqual([
    998, 996, 994,
  ]);
  expect(await valuesOf('/works?select=id&order=price.desc.nullslast,id&limit=2')).toEqual([4, 1]);
  expect(await valuesOf('/works?select=id&order=price.asc.nullsfirst&limit=1')).toEqual([3]);
  expect(await valuesOf('/works?select=id&order=details->>technique.nullslast,id.desc')).toEqual([
    4, 2, 1, 5, 3,
  ]);
  expect(await suite.read('/numbers?select=n&limit=0')).toEqual([]);
});

test('aggregates group by all other fields', async () => {
  expect(await suite.read('/sales?select=amount.sum(),n:id.count(),day&order=day')).toEqual([
    { sum: 15, n: 2, day: '2024-01-01' },
    { sum: 100, n: 2, day: '2024-01-02' },
    { sum: 1, n: 1, day: '2024-01-03' },
  ]);
  expect(await suite.read('/sales?select=extra->tax::numeric.sum(),amount.avg()::int')).toEqual([
    { sum: 22, avg: 29 },
  ]);
  expect(await suite.read('/works?select=details->technique,count()&order=details->technique')).toEqual([
    { technique: 'glass', count: 1 },
    { technique: 'oil', count: 2 },
    { technique: null, count: 2 },
  ]);
  expect(await suite.count('/sales?select=amount.sum(),day')).toBe(3);
});

test('an index serves a filter, since its parameter has the type of the column', async () => {
  const { text, values } = suite.sqlOf('/numbers?select=label&n=eq.7');
  const plan = await suite.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
  expect(JSON.stringify(plan)).toContain('"Index Cond":"(n = 7)"');
});

test('a column that is not there is told in the words of the server', async () => {
  const names = [
    'foo',
    'i',
    'titel',
    'ids',
    'yaer',
    'artist',
    'title_',
    'home',
    'é',
    'tgas',
    'current_idx',
    'xyzid',
  ];
  const table = suite.cache.tables.get('api\0works');
  if (table === undefined) throw new Error('the nasty database has lost its works');
  for (const name of names) {
    const ours = columnNotFound('works', name, table);
    const theirs = suite.query(`SELECT "works".${quoteIdentifier(name)} FROM "api"."works"`);
    await expect(theirs).rejects.toMatchObject({ code: '42703', message: ours.message });
    await expect(theirs.catch((error: { hint?: string }) => error.hint ?? null)).resolves.toBe(ours.hint);
  }
});

test('no text of a request gets out of its place', async () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 15 })
    .filter((one) => !/[\0\ud800-\udfff]/.test(one));
  await fc.assert(
    fc.asyncProperty(text, text, async (alias, value) => {
      const quoted = `"${alias.replaceAll(/["\\]/g, '\\$&')}"`;
      const url = `/no_key?select=${encodeURIComponent(quoted)}:b&a=eq.1&b=neq.${encodeURIComponent(value)}&limit=1`;
      expect(await suite.read(url)).toEqual([{ [alias]: 'one' }]);
      const element = encodeURIComponent(`"${value.replaceAll(/["\\]/g, '\\$&')}"`);
      expect(await suite.read(`/no_key?select=a&b=in.(${element},one)&limit=1`)).toEqual([{ a: 1 }]);
    }),
    { numRuns: 100 },
  );
});
