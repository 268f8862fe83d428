import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

async function numbers(query: string): Promise<unknown> {
  const body = await rest.read(`/numbers?select=n&${query}`);
  return Array.isArray(body) ? body.map(({ n }: { n: number }) => n) : body;
}

describe('order', () => {
  test.each([
    ['/artists?select=id&order=born', [1, 2, 4, 3]],
    ['/artists?select=id&order=born.asc.nullsfirst', [3, 1, 2, 4]],
    ['/artists?select=id&order=born.desc.nullslast', [4, 2, 1, 3]],
    ['/artists?select=id&order=born.desc', [3, 4, 2, 1]],
    ['/artists?select=id&order=born.nullsfirst', [3, 1, 2, 4]],
    ['/artists?select=id&order=mentor_id.desc.nullslast,name.asc', [4, 2, 3, 1]],
    ['/works?select=id&order=details->>technique.desc.nullslast,id.desc', [2, 1, 4, 5, 3]],
    ['/works?select=id&order=size->width.desc.nullslast,id&id=lt.5', [2, 1, 4, 3]],
    ['/items?select=id&order=shouted.desc&limit=2', [9, 8]],
  ])('%s', async (path, expected) => {
    const rows = (await rest.read(path)) as { id: number }[];
    const shown = rows.map(({ id }) => id);
    expect(shown).toEqual(expected);
  });
  test.each(['order=n.up', 'order=n.asc.nullsmiddle'])('%s is refused', async (query) => {
    expect(await numbers(query)).toMatchObject({ status: 400, body: { code: 'PGRST100' } });
  });
  test('unknown columns are refused', async () => {
    expect(await numbers('order=nope')).toMatchObject({ status: 400, body: { code: '42703' } });
  });
});

describe('limits', () => {
  test('limit and offset', async () => {
    expect(await numbers('order=n&limit=3')).toEqual([1, 2, 3]);
    expect(await numbers('order=n&limit=2&offset=5')).toEqual([6, 7]);
    expect(await numbers('order=n&offset=998')).toEqual([999, 1000]);
    expect(await numbers('limit=0')).toEqual([]);
    expect(await numbers('limit=-1')).toMatchObject({ status: 416, body: { code: 'PGRST103' } });
  });
  test.each([
    ['limit=10', {}, 200, '0-9/*'],
    ['limit=10&offset=10', {}, 200, '10-19/*'],
    ['limit=10', { prefer: 'count=exact' }, 206, '0-9/1000'],
    ['limit=10&offset=995', { prefer: 'count=exact' }, 206, '995-999/1000'],
    ['', { prefer: 'count=exact' }, 200, '0-999/1000'],
    ['n=gt.5000', { prefer: 'count=exact' }, 200, '*/0'],
    ['n=gt.5000', {}, 200, '*/*'],
    ['limit=0', { prefer: 'count=exact' }, 206, '*/1000'],
    ['', { prefer: 'count=planned' }, 200, '0-999/1000'],
    ['', { range: '0-4' }, 200, '0-4/*'],
    ['', { range: '10-14', prefer: 'count=exact' }, 206, '10-14/1000'],
    ['', { range: '990-' }, 200, '990-999/*'],
    ['limit=3', { range: '0-9' }, 200, '0-2/*'],
    ['', { range: 'nonsense' }, 200, '0-999/*'],
  ])('%s with %o', async (query, headers, status, range) => {
    const answer = await rest.get(`/numbers?select=n&order=n&${query}`, { headers });
    expect([answer.status, answer.headers['content-range']]).toEqual([status, range]);
  });
  test('past the end', async () => {
    const answer = await rest.get('/numbers?offset=2000&limit=1', { headers: { prefer: 'count=exact' } });
    expect([answer.status, answer.headers['content-range'], answer.body]).toEqual([
      416,
      '*/1000',
      {
        code: 'PGRST103',
        message: 'Requested range not satisfiable',
        details: 'An offset of 2000 was requested, but there are only 1000 rows.',
        hint: null,
      },
    ]);
    const uncounted = await rest.get('/numbers?offset=2000&limit=1');
    expect([uncounted.status, uncounted.body, uncounted.headers['content-range']]).toEqual([200, [], '*/*']);
  });
  test('a range that is the wrong way round', async () => {
    const { status, body } = await rest.get('/numbers', { headers: { range: '5-2' } });
    expect([status, body]).toMatchObject([416, { code: 'PGRST103' }]);
  });
  test('HEAD has the head only', async () => {
    const answer = await rest.head('/numbers?limit=5', { headers: { prefer: 'count=exact' } });
    expect([answer.status, answer.headers['content-range'], answer.body]).toEqual([206, '0-4/1000', '']);
  });
});

describe('max rows', () => {
  const short = useRest({ 'db-max-rows': 7 });
  test('cut what is read, embedded and returned by functions', async () => {
    const answer = await short.get('/numbers?select=n&order=n', { headers: { prefer: 'count=exact' } });
    expect([answer.status, answer.headers['content-range']]).toEqual([206, '0-6/1000']);
    expect(await short.read('/numbers?select=n&order=n&limit=2')).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await short.read('/rpc/even_numbers?up_to=100')).toHaveLength(7);
    expect(await short.read('/rpc/list_items?select=id')).toHaveLength(7);
  });
  test('an estimate is exact below, planned above', async () => {
    const headers = { prefer: 'count=estimated' };
    const few = await short.get('/artists?select=id', { headers });
    expect(few.headers['content-range']).toBe('0-3/4');
    const many = await short.get('/numbers?select=n', { headers });
    expect(many.headers['content-range']).toBe('0-6/1000');
  });
});

test('postgrest-js: order, range, limit and count', async () => {
  const table = rest.client().from('numbers');
  const ordered = await table.select('n').order('n', { ascending: false }).range(0, 2);
  expect(ordered.data).toEqual([{ n: 1000 }, { n: 999 }, { n: 998 }]);
  const counted = await table.select('*', { count: 'exact', head: true }).eq('is_even', true);
  expect([counted.status, counted.count, counted.data]).toEqual([200, 500, null]);
  const single = await table.select('n').eq('n', 5).single();
  expect(single.data).toEqual({ n: 5 });
  const none = await table.select('n').eq('n', -5).maybeSingle();
  expect([none.error, none.data]).toEqual([null, null]);
  const several = await table.select('n').single();
  expect(several.error).toMatchObject({ code: 'PGRST116', details: 'The result contains 1000 rows' });
});
