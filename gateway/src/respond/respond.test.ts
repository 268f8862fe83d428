import { describe, expect, it } from 'vitest';
import { RestFault } from '../fault.ts';
import {
  cache,
  callPlan,
  deletePlan,
  insertPlan,
  planOf,
  readPlan,
  requestOf,
  resultOf,
  settings,
  updatePlan,
} from './cases.fixture.ts';
import { respond } from './respond.ts';

const answer = (
  request: Parameters<typeof respond>[0],
  plan: Parameters<typeof respond>[1],
  result: Parameters<typeof respond>[2],
  changes: Partial<Parameters<typeof respond>[4]> = {},
) => respond(request, plan, result, cache, { ...settings, ...changes });

const json = 'application/json; charset=utf-8';

describe('reading', () => {
  it('is 200 with range, place and type', () => {
    const request = requestOf({ query: { ...requestOf().query, canonical: 'id=gt.1&order=id' } });
    expect(answer(request, planOf(readPlan), resultOf({ rows: 2, body: '[1,"ä"]' }))).toEqual({
      status: 200,
      headers: {
        'content-length': '8',
        'content-location': '/items?id=gt.1&order=id',
        'content-range': '0-1/*',
        'content-type': json,
        vary: 'Accept, Prefer, Range',
      },
      body: '[1,"ä"]',
    });
  });

  it.each([
    [{ rows: 0, total: 0 }, 0, 200, '*/0'],
    [{ rows: 0, total: null }, 0, 200, '*/*'],
    [{ rows: 10, total: 10 }, 0, 200, '0-9/10'],
    [{ rows: 10, total: 30 }, 10, 206, '10-19/30'],
    [{ rows: 0, total: 5 }, 5, 206, '*/5'],
  ])('%j from row %i on is %i, %s', (row, offset, status, range) => {
    const request = requestOf({ range: { limit: null, offset } });
    const { status: given, headers } = answer(request, planOf(readPlan, { count: 'exact' }), resultOf(row));
    expect([given, headers['content-range']]).toEqual([status, range]);
  });

  it('past the end is 416 PGRST103 with the range', () => {
    const request = requestOf({ range: { limit: 5, offset: 10 } }, { count: 'exact' });
    const ask = () => answer(request, planOf(readPlan, { count: 'exact' }), resultOf({ rows: 0, total: 3 }));
    expect(ask).toThrow(
      expect.objectContaining({
        status: 416,
        code: 'PGRST103',
        message: 'Requested range not satisfiable',
        details: 'An offset of 10 was requested, but there are only 3 rows.',
        headers: { 'content-range': '*/3', 'preference-applied': 'count=exact' },
      }),
    );
  });

  it('HEAD is the same without body and length', () => {
    const { headers, body } = answer(requestOf({ isHead: true }), planOf(readPlan), resultOf({ rows: 1 }));
    expect(body).toBeNull();
    expect(headers).toMatchObject({ 'content-range': '0-0/*', 'content-type': json });
    expect(headers).not.toHaveProperty('content-length');
  });

  it('names the schema that the client named', () => {
    const request = requestOf({ schema: 'größe', isSchemaNegotiated: true });
    expect(answer(request, planOf(readPlan), resultOf()).headers['content-profile']).toBe(
      Buffer.from('größe').toString('latin1'),
    );
  });

  it('a table name cannot end a header', () => {
    const request = requestOf({ target: { kind: 'table', name: 'a\r\nset-cookie: b' } });
    expect(answer(request, planOf(readPlan), resultOf()).headers['content-location']).toBe(
      '/a%0D%0Aset-cookie: b',
    );
  });

  it('measures when the settings say so', () => {
    const result = resultOf({}, { timings: { transaction: 12.34, jwt: 0.05, parse: 1 } });
    const { headers } = answer(requestOf(), planOf(readPlan), result, { serverTimingEnabled: true });
    expect(headers['server-timing']).toBe('jwt;dur=0.1, parse;dur=1.0, transaction;dur=12.3');
    expect(answer(requestOf(), planOf(readPlan), result).headers).not.toHaveProperty('server-timing');
  });

  it('EXPLAIN is the body, and the rows count for nothing', () => {
    const plan = planOf(readPlan, {
      body: { kind: 'explain', of: { kind: 'csv' }, format: 'json', options: ['buffers', 'analyze'] },
      mediaType: { type: 'application/vnd.pgrst.plan+json', parameters: { for: 'text/csv' } },
    });
    const { status, headers, body } = answer(requestOf(), plan, resultOf({}, { explain: '[{}]' }));
    expect([status, body]).toEqual([200, '[{}]']);
    expect(headers['content-type']).toBe(
      'application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|buffers; charset=utf-8',
    );
  });
});

describe('changing', () => {
  const insert = requestOf({ action: 'insert', method: 'POST' });
  const upsertPlan = { ...insertPlan, onConflict: { columns: ['id'], resolution: 'merge' } } as const;
  const full = (action: 'delete' | 'insert' | 'single-upsert' | 'update') =>
    requestOf({ action }, { representation: 'full' });

  it('an insert is 201 without a body', () => {
    expect(answer(insert, planOf(insertPlan), resultOf({ rows: 1, location: 'id=eq.1' }))).toEqual({
      status: 201,
      headers: {
        'content-length': '0',
        'content-range': '*/*',
        location: '/items?id=eq.1',
        vary: 'Accept, Prefer, Range',
      },
      body: '',
    });
  });

  it('an insert that shows its rows is 201 with them', () => {
    const { status, headers, body } = answer(full('insert'), planOf(insertPlan), resultOf({ body: '[{}]' }));
    expect([status, body]).toEqual([201, '[{}]']);
    expect(headers).toMatchObject({ 'content-type': json, 'preference-applied': 'return=representation' });
  });

  it.each([
    [2, 201],
    [0, 200],
  ])('an upsert that inserted %i rows is %i', (inserted, status) => {
    const request = requestOf({ action: 'insert' }, { resolution: 'merge-duplicates', count: 'exact' });
    const given = answer(request, planOf(upsertPlan), resultOf({ inserted, rows: 2 }));
    expect(given.status).toBe(status);
    expect(given.headers).toMatchObject({
      'content-range': '*/2',
      'preference-applied': 'resolution=merge-duplicates, count=exact',
    });
  });

  it.each([
    [1, 201],
    [0, 200],
  ])('PUT that inserted %i rows is %i', (inserted, status) => {
    const given = answer(full('single-upsert'), planOf(insertPlan), resultOf({ inserted, rows: 1 }));
    expect(given.status).toBe(status);
    expect(given.headers).not.toHaveProperty('content-range');
  });

  it('PUT that shows nothing is 204', () => {
    const request = requestOf({ action: 'single-upsert' });
    expect(answer(request, planOf(insertPlan), resultOf({ inserted: 1, rows: 1 }))).toMatchObject({
      status: 204,
      body: null,
    });
  });

  it.each([
    [updatePlan, 'update', null, '0-2/*'],
    [updatePlan, 'update', 'exact', '0-2/3'],
    [deletePlan, 'delete', null, '*/*'],
    [deletePlan, 'delete', 'exact', '*/3'],
    [deletePlan, 'delete', 'planned', '*/*'],
  ] as const)('%#: %s is 204 without, 200 with rows', (plan, action, count, range) => {
    const quiet = answer(requestOf({ action }, { count }), planOf(plan), resultOf({ rows: 3 }));
    expect([quiet.status, quiet.body, quiet.headers['content-range']]).toEqual([204, null, range]);
    expect(quiet.headers).not.toHaveProperty('content-type');
    const loud = answer(full(action), planOf(plan), resultOf({ rows: 3, body: '[{},{},{}]' }));
    expect([loud.status, loud.body, loud.headers['content-type']]).toEqual([200, '[{},{},{}]', json]);
  });

  it('an update of nothing has no rows in its range', () => {
    const { headers } = answer(requestOf({ action: 'update' }), planOf(updatePlan), resultOf({ rows: 0 }));
    expect(headers['content-range']).toBe('*/*');
  });
});

describe('calling', () => {
  const request = requestOf({ target: { kind: 'function', name: 'add' }, action: 'call' });

  it('is 200 with the result, and no place', () => {
    const { status, headers, body } = answer(request, planOf(callPlan()), resultOf({ rows: 1, body: '3' }));
    expect([status, body, headers['content-range']]).toEqual([200, '3', '0-0/*']);
    expect(headers).not.toHaveProperty('content-location');
  });

  it('of a function that returns nothing is 204', () => {
    const { status, headers, body } = answer(request, planOf(callPlan('void')), resultOf({ rows: 1 }));
    expect([status, body]).toEqual([204, null]);
    expect(headers).not.toHaveProperty('content-type');
  });
});

describe('what SQL decides', () => {
  it('status and headers', () => {
    const responseHeaders = '[{"Set-Cookie":"a=1"},{"Set-Cookie":"b=2"},{"Content-Type":"text/x"}]';
    const row = { responseStatus: '418', responseHeaders };
    const { status, headers } = answer(requestOf(), planOf(readPlan), resultOf(row));
    expect(status).toBe(418);
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'content-type': 'text/x' });
  });

  it('but nothing of the connection, that others use as well', () => {
    const responseHeaders = '[{"Content-Length":"1"},{"Transfer-Encoding":"chunked"},{"Connection":"close"}]';
    const { headers } = answer(requestOf(), planOf(readPlan), resultOf({ responseHeaders }));
    expect(headers['content-length']).toBe('2');
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(headers).not.toHaveProperty('connection');
  });

  it.each([
    '{}',
    '{"a":"b"}',
    '[1]',
    '[{}]',
    '[{"a":1}]',
    '[{"a":"b","c":"d"}]',
    'no',
    '[{"a":"b\\r\\nc: d"}]',
    '[{"a b":"c"}]',
  ])('the headers %s are 500 PGRST111', (responseHeaders) => {
    const ask = () => answer(requestOf(), planOf(readPlan), resultOf({ responseHeaders }));
    expect(ask).toThrow(RestFault);
    expect(ask).toThrow(expect.objectContaining({ status: 500, code: 'PGRST111' }));
  });

  it.each(['teapot', '-1', '99', '100', '1000', ' 200'])(
    'the status %j is 500 PGRST112',
    (responseStatus) => {
      const ask = () => answer(requestOf(), planOf(readPlan), resultOf({ responseStatus }));
      expect(ask).toThrow(
        expect.objectContaining({
          status: 500,
          code: 'PGRST112',
          message: 'response.status guc must be a valid status code',
        }),
      );
    },
  );
});
