import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

async function as(accept: string, path: string): Promise<[number, string | undefined, unknown]> {
  const { status, headers, body } = await rest.get(path, { headers: { accept } });
  return [status, headers['content-type'], body];
}

const OBJECT = 'application/vnd.pgrst.object+json';

describe('JSON', () => {
  test('arrays by default, whoever asks how', async () => {
    const json = 'application/json; charset=utf-8';
    const rows = [{ id: 1 }];
    for (const accept of [
      '*/*',
      'application/json',
      'text/unknown, */*',
      'application/vnd.pgrst.array+json',
    ]) {
      expect(await as(accept, '/artists?select=id&id=eq.1')).toEqual([200, json, rows]);
    }
  });
  test('one object', async () => {
    expect(await as(OBJECT, '/artists?select=id&id=eq.1')).toEqual([
      200,
      `${OBJECT}; charset=utf-8`,
      { id: 1 },
    ]);
    expect(await as(OBJECT, '/artists?select=id')).toMatchObject([
      406,
      'application/json; charset=utf-8',
      {
        code: 'PGRST116',
        message: 'Cannot coerce the result to a single JSON object',
        details: 'The result contains 4 rows',
      },
    ]);
    expect(await as(OBJECT, '/artists?id=eq.99')).toMatchObject([
      406,
      'application/json; charset=utf-8',
      { details: 'The result contains 0 rows' },
    ]);
  });
  test('without nulls', async () => {
    expect(await as('application/vnd.pgrst.array+json;nulls=stripped', '/artists?id=eq.3')).toEqual([
      200,
      'application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8',
      [{ id: 3, name: 'Chloé Dûr', mentor_id: 1 }],
    ]);
    expect(await as(`${OBJECT};nulls=stripped`, '/artists?id=eq.3')).toEqual([
      200,
      `${OBJECT};nulls=stripped; charset=utf-8`,
      { id: 3, name: 'Chloé Dûr', mentor_id: 1 },
    ]);
  });
});

describe('CSV', () => {
  test('with a header, quotes and nulls', async () => {
    expect(await as('text/csv', '/items?select=id,name,note&id=in.(2,3)&order=id')).toEqual([
      200,
      'text/csv; charset=utf-8',
      'id,name,note\n2,"item 2","note 2"\n3,"item 3",',
    ]);
    expect(await as('text/csv', '/works?select=title,tags&id=eq.4')).toEqual([
      200,
      'text/csv; charset=utf-8',
      'title,tags\n"Glass, broken","{glass,""two words""}"',
    ]);
  });
  test('of functions and changes', async () => {
    expect((await as('text/csv', '/rpc/list_artists?select=id,name&id=eq.1'))[2]).toBe(
      'id,name\n1,"Ada Brandt"',
    );
    const answer = await rest.post('/items?select=id,name', {
      body: { id: 100, name: 'a"b' },
      headers: { accept: 'text/csv', prefer: 'tx=rollback, return=representation' },
    });
    expect([answer.status, answer.body]).toEqual([201, 'id,name\n100,"a""b"']);
  });
});

describe('handlers by domain types', () => {
  test.each([
    ['text/html', '/rpc/page', 'text/html', '<h1>page</h1>'],
    ['text/html', '/artists?id=lt.3&order=id', 'text/html', '<ul><li>Ada Brandt</li><li>Ben Okri</li></ul>'],
    [
      'application/vnd.museum+xml',
      '/rpc/museum_xml',
      'application/vnd.museum+xml',
      '<museum>Old Hall</museum>',
    ],
    [
      'text/tab-separated-values',
      '/artists?select=id,name&id=eq.1',
      'text/tab-separated-values',
      '1\tAda Brandt\n',
    ],
    ['*/*', '/guides?order=id', 'app/groucho', 'Ina;Jo;Kai;'],
    ['anything/goes', '/rpc/anything?kind=text/x-mine', 'text/x-mine', 'any'],
  ])('%s of %s', async (accept, path, type, body) => {
    expect(await as(accept, path)).toEqual([200, type, body]);
  });
  test('bytes go out as they are', async () => {
    const answer = await rest.get('/rpc/raw_bytes', { headers: { accept: 'application/octet-stream' } });
    expect([answer.headers['content-type'], Buffer.from(answer.body as string).toString('hex')]).toEqual([
      'application/octet-stream',
      // The client reads text: 0xff is no UTF-8.
      '00efbfbd',
    ]);
    const png = await rest.head('/rpc/pixel', { headers: { accept: 'image/png' } });
    expect([png.status, png.headers['content-type']]).toEqual([200, 'image/png']);
  });
});

describe('types that nothing makes', () => {
  test.each([
    ['text/html', '/museums', 406],
    ['application/pdf', '/artists', 406],
    ['application/vnd.pgrst.plan+json', '/artists', 406],
  ])('%s of %s', async (accept, path, status) => {
    const answer = await rest.get(path, { headers: { accept } });
    expect([answer.status, answer.body]).toMatchObject([status, {}]);
  });
  test('GeoJSON where there is no PostGIS', async () => {
    const answer = await rest.get('/artists', { headers: { accept: 'application/geo+json' } });
    expect([answer.status, answer.body]).toMatchObject([404, { code: '42883' }]);
  });
  test('the fault names them', async () => {
    const { body } = await rest.get('/artists', { headers: { accept: 'application/pdf, text/x-nope' } });
    expect(body).toEqual({
      code: 'PGRST107',
      message: 'None of these media types are available: application/pdf, text/x-nope',
      details: null,
      hint: null,
    });
  });
});

describe('db-plan-enabled', () => {
  const open = useRest({ 'db-plan-enabled': true });
  test('explains', async () => {
    const json = await open.get('/artists', {
      headers: { accept: 'application/vnd.pgrst.plan+json; options=analyze' },
    });
    expect([json.status, json.headers['content-type']]).toEqual([
      200,
      'application/vnd.pgrst.plan+json; for="application/json"; options=analyze; charset=utf-8',
    ]);
    expect(json.body).toEqual([
      expect.objectContaining({ Plan: expect.any(Object), 'Execution Time': expect.any(Number) }),
    ]);
    const text = await open.get('/artists', { headers: { accept: 'application/vnd.pgrst.plan' } });
    expect([text.status, text.body]).toEqual([200, expect.stringContaining('cost=')]);
    const mutation = await open.del('/frames?id=eq.3', {
      headers: { accept: 'application/vnd.pgrst.plan+json', prefer: 'tx=rollback' },
    });
    expect(mutation.status).toBe(200);
  });
});

test('postgrest-js: csv, single, stripNulls', async () => {
  const artists = rest.client().from('artists');
  const csv = await artists.select('id').lt('id', 3).order('id').csv();
  const stripped = await artists.select().eq('id', 3).stripNulls();
  expect([csv.data, stripped.data]).toEqual(['id\n1\n2', [{ id: 3, name: 'Chloé Dûr', mentor_id: 1 }]]);
});
