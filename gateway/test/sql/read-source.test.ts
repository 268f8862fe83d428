import { afterAll, beforeAll, expect, test } from 'vitest';
import { planRead, type ReadSource } from '../../src/plan/plan-read.ts';
import { parseRequest } from '../../src/request/parse-request.ts';
import { requestOf } from '../../src/request/test-requests.ts';
import { renderCount, renderRead, SOURCE } from '../../src/sql/render-read.ts';
import { Values } from '../../src/sql/values.ts';
import { type ReadSuite, readSettings, startReadSuite } from './read-suite.ts';

let suite: ReadSuite;
beforeAll(async () => {
  suite = await startReadSuite();
});
afterAll(() => suite.end());

/** What a request shows of the rows that a statement returns, and how many they are. */
async function show(rows: string, source: ReadSource, queryText: string): Promise<unknown[]> {
  const settings = readSettings();
  const { query, range } = parseRequest(requestOf('GET', `/artists?${queryText}`), settings);
  const plan = planRead(query, source, suite.cache, settings, range);
  const values = new Values();
  const text = renderRead(plan, values);
  const count = renderCount(plan, values);
  const [row] = await suite.query(
    `WITH ${SOURCE} AS (${rows})
     SELECT (SELECT count(*)::int FROM (${count}) c) AS total, json_agg(t.*) AS body FROM (${text}) t`,
    values.list,
  );
  return [row?.total, row?.body];
}

const artists = { schema: 'api', name: 'artists' };

test('what a mutation returned is shown with all that belongs to it', async () => {
  const update = 'UPDATE api.artists SET born = born WHERE id < 3 RETURNING *, artists.initials';
  const query =
    'select=*,initials,works(title),teacher(name),mentor_id(name)&works.order=id&works.limit=1&order=id&id=eq.99';
  expect(await show(update, { kind: 'mutation', table: artists }, query)).toEqual([
    2,
    [
      {
        ...{ id: 1, name: 'Ada Brandt', born: '1871-03-02', mentor_id: null, initials: 'A.' },
        ...{ works: [{ title: 'Harbour' }, { title: 'Quarry' }], teacher: null },
      },
      {
        ...{ id: 2, name: 'Ben Okri', born: '1902-11-30', mentor_id: { name: 'Ada Brandt' }, initials: 'B.' },
        ...{ works: [{ title: 'Untitled (3)' }], teacher: { name: 'Ada Brandt' } },
      },
    ],
  ]);
});

test('what a call returned is filtered, ordered, limited and counted', async () => {
  const routine = suite.cache.routines.get('api\0list_artists')?.[0];
  if (routine === undefined) throw new Error('the nasty database has lost list_artists');
  const query = 'select=name,pupils(name),works!inner(id)&works.order=id&order=id.desc&limit=1&id=lt.3';
  expect(await show('SELECT * FROM api.list_artists()', { kind: 'call', routine }, query)).toEqual([
    2,
    [{ name: 'Ben Okri', pupils: [{ name: 'Dario "D" O\'Neil' }], works: [{ id: 3 }] }],
  ]);
});

test('columns of OUT parameters can be named, though the cache does not know them', async () => {
  const routine = suite.cache.routines.get('api\0table_of')?.[0];
  if (routine === undefined) throw new Error('the nasty database has lost table_of');
  const rows = 'SELECT * FROM api.table_of(4)';
  expect(await show(rows, { kind: 'call', routine }, 'select="the square"&i=gt.2&order=i.desc')).toEqual([
    2,
    [{ 'the square': 16 }, { 'the square': 9 }],
  ]);
  await expect(show(rows, { kind: 'call', routine }, 'select=nope')).rejects.toMatchObject({
    code: '42703',
    message: 'column table_of.nope does not exist',
  });
});
