import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

/** The ids of the rows that a query finds, in their order. */
async function ids(query: string, key = 'id'): Promise<unknown> {
  const body = await rest.read(`/${query}&select=${key}&order=${key}`);
  return Array.isArray(body) ? body.map((row: Record<string, unknown>) => row[key]) : body;
}

describe('operators', () => {
  test.each([
    ['numbers?n=eq.5', [5]],
    ['numbers?n=lt.3', [1, 2]],
    ['numbers?n=lte.3', [1, 2, 3]],
    ['numbers?n=gt.998', [999, 1000]],
    ['numbers?n=gte.999', [999, 1000]],
    ['numbers?n=in.(1,3,2000)', [1, 3]],
    ['numbers?n=lt.4&is_even=is.true', [2]],
    ['numbers?n=lt.4&is_even=is.false', [1, 3]],
    ['numbers?n=lt.4&n=neq.2', [1, 3]],
  ])('%s', async (query, expected) => {
    expect(await ids(query, 'n')).toEqual(expected);
  });
  test.each([
    ['artists?born=is.null', [3]],
    ['artists?born=is.not_null', [1, 2, 4]],
    ['artists?born=not.is.null', [1, 2, 4]],
    ['artists?name=like.*a*', [1, 4]],
    ['artists?name=like.%25a%25', [1, 4]],
    ['artists?name=ilike.*B*', [1, 2]],
    ['artists?name=match.^[AB]', [1, 2]],
    ['artists?name=imatch.^[ab]', [1, 2]],
    ['artists?mentor_id=isdistinct.1', [1, 4]],
    ['artists?mentor_id=eq.1', [2, 3]],
    ['works?tags=cs.{oil}', [1, 2]],
    ['works?tags=cd.{oil,sea,found}', [1, 2, 3, 5]],
    ['works?tags=ov.{sea,glass}', [1, 4]],
    ['works?details=cs.{"signed":true}', [1]],
    ['exhibitions?open_during=ov.[2020-05-01,2020-07-01]', [1]],
    ['exhibitions?open_during=sl.[2021-01-01,2021-02-01]', [1]],
    ['exhibitions?open_during=sr.[2020-02-01,2020-03-01]', [2]],
    ['exhibitions?open_during=nxr.[2020-01-01,2020-06-01)', [1]],
    ['exhibitions?open_during=nxl.[2021-01-01,2021-02-01)', [2]],
    ['exhibitions?open_during=adj.[2020-06-01,2020-07-01)', [1]],
    ['works?title=in.("Glass, broken","Untitled (3)",Quarry)', [2, 3, 4]],
    ['works?title=eq.Glass, broken', [4]],
    ['works?title=in.()', []],
    ['guides?mood=eq.very happy', [2]],
    ['all_types?uid=eq.00000000-0000-4000-8000-000000000001', [1]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });
});

describe('modifiers', () => {
  test.each([
    ['artists?name=like(any).{Ada*,Ben*}', [1, 2]],
    ['artists?name=like(all).{*a*,*d*}', [1]],
    ['artists?name=ilike(any).{ada*,ben*}', [1, 2]],
    ['artists?name=match(any).{^A,^B}', [1, 2]],
    ['artists?id=eq(any).{1,4}', [1, 4]],
    ['artists?id=gt(all).{1,2}', [3, 4]],
    ['artists?id=not.eq(any).{1,2}', [3, 4]],
    ['artists?id=not.in.(1,2)', [3, 4]],
    ['artists?name=not.like.*a*', [2, 3]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });
  test('in takes no modifier', async () => {
    expect(await rest.read('/artists?id=in(any).(1)')).toMatchObject({
      status: 400,
      body: { code: 'PGRST100' },
    });
  });
});

describe('logic trees', () => {
  test.each([
    ['artists?or=(id.eq.1,id.eq.2)', [1, 2]],
    ['artists?and=(id.gt.1,id.lt.4)', [2, 3]],
    ['artists?not.or=(id.eq.1,id.eq.2)', [3, 4]],
    ['artists?not.and=(id.gt.1,id.lt.4)', [1, 4]],
    ['artists?or=(id.eq.1,and(id.gt.2,not.or(id.eq.4,id.eq.5)))', [1, 3]],
    ['artists?or=(name.like.Ada*,id.in.(2,3))', [1, 2, 3]],
    ['artists?or=(mentor_id.is.null,born.not.is.null)&id=lt.4', [1, 2]],
    ['works?or=(title.eq."Glass, broken",tags.cs.{sea,oil})', [1, 4]],
    ['artists?or=(name.eq."Dario \\"D\\" O\'Neil",id.eq.1)', [1, 4]],
    ['artists?or=(id.eq(any).{1,2},name.not.like(any).{A*,B*,C*})', [1, 2, 4]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });
  test('an empty tree is refused', async () => {
    expect(await rest.read('/artists?or=()')).toMatchObject({ status: 400, body: { code: 'PGRST100' } });
  });
});

describe('JSON, composites and computed fields in filters', () => {
  test.each([
    ['works?details->>technique=eq.oil', [1, 2]],
    ['works?details->layers->2->>tone=eq.blue', [1]],
    ['works?details->layers->>0=eq.1', [1]],
    ['works?details->weight=gt.12', [4]],
    ['works?details->layers->-1->>tone=eq.blue', [1]],
    ['works?size->>unit=eq.m', [4]],
    ['works?or=(details->>technique.eq.glass,size->>width.eq.80)', [1, 4]],
    ['works?details->>technique=is.null', [3, 5]],
    ['items?always_true=is.true&id=lt.3', [1, 2]],
    ['items?shouted=eq.ITEM 3', [3]],
    ['items?name_vector=fts.7', [7]],
    ['artists?initials=eq.A.', [1]],
    ['palette?color=eq.%23ff0000', [1]],
    ['palette?color=in.(%23000000,%23ff0000)', [1, 2]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });
});

describe('full-text search', () => {
  test.each([
    ['texts?vector=fts.cat', [1, 3]],
    ['texts?vector=fts(english).cats', [1, 3]],
    ['texts?vector=plfts(english).The Fat Cats', [1]],
    ['texts?vector=phfts(english).The Fat Cats', [1]],
    ['texts?vector=wfts(english).fat or dog', [1, 3]],
    ['texts?vector=not.fts.cat', [2]],
    ['texts?body=fts(german).Katze', [2]],
    ['texts?doc->>t=fts.cat', [1]],
    ['texts?or=(vector.fts(english).cats,body.eq."100%25_sure")', [1, 3, 4]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });
});

describe('names that need quotes', () => {
  test.each([
    ['/with%20space?select=the%20id&Gr%C3%B6%C3%9Fe=eq.7', [{ 'the id': 1 }]],
    ['/with%20space?select=%22a.b%22&%22a.b%22=eq.dot', [{ 'a.b': 'dot' }]],
    ['/with%20space?select=%22a,b%22&%22(paren)%22=eq.paren', [{ 'a,b': 'comma' }]],
    ['/with%20space?select=%E5%90%8D%E5%89%8D&UPPER=eq.up', [{ 名前: '太郎' }]],
    ['/with%20space?select=%22quo%5C%22te%22&the%20id=eq.1', [{ 'quo"te': 'quote' }]],
    ['/with%20space?select=odd%20field&order=the%20id', [{ 'odd field': 14 }, { 'odd field': -14 }]],
    ['/select?select=from,where,user&from=eq.1', [{ from: 1, where: 'here', user: 'u' }]],
    ['/%C3%9Cn%C3%AF%E2%80%93c%C3%B6d%C3%A9%20%E2%98%83?select=cl%C3%A9&%CF%83=eq.2', [{ clé: '日本' }]],
    ['/;%20DROP%20TABLE%20api.artists;%20--?select=id', [{ id: 1 }]],
    ['/CamelCase?select=camelId,camelid', [{ camelId: 1, camelid: 10 }]],
    ['/quo%22ted?select=*', [{ 'i"d': 1, 'ta"ble': 'é' }]],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
  test('values are never SQL', async () => {
    const evil = encodeURIComponent(`x'; DROP TABLE api.artists; --`);
    expect(await rest.read(`/artists?name=eq.${evil}`)).toEqual([]);
    expect(await ids('artists?id=gt.0')).toEqual([1, 2, 3, 4]);
  });
});

test('postgrest-js: filters of every kind', async () => {
  const artists = rest.client().from('artists');
  const found = await Promise.all([
    artists.select('id').eq('id', 1),
    artists.select('id').neq('id', 1).order('id'),
    artists.select('id').gt('id', 1).lt('id', 4).order('id'),
    artists.select('id').like('name', 'Ada%'),
    artists.select('id').ilikeAnyOf('name', ['ada%', 'ben%']).order('id'),
    artists.select('id').is('born', null),
    artists.select('id').in('id', [2, 3]).order('id'),
    artists.select('id').not('id', 'in', '(1,2,3)'),
    artists.select('id').or('id.eq.1,and(id.gt.3,id.lt.9)').order('id'),
    artists.select('id').match({ id: 2, mentor_id: 1 }),
    rest.client().from('works').select('id').contains('tags', ['sea']),
    rest.client().from('works').select('id').overlaps('tags', ['glass', 'found']).order('id'),
    rest
      .client()
      .from('texts')
      .select('id')
      .textSearch('vector', 'fat cats', { type: 'plain', config: 'english' }),
  ]);
  const lists = found.map(({ data, error }) => error ?? data.map((row) => row.id));
  expect(lists).toEqual([
    [1],
    [2, 3, 4],
    [2, 3],
    [1],
    [1, 2],
    [3],
    [2, 3],
    [4],
    [1, 4],
    [2],
    [1],
    [4, 5],
    [1],
  ]);
});
