import { describe, expect, test } from 'vitest';
import { type Answer, useRest } from './rest-client.ts';

const rest = useRest();

function shownOf({ status, body }: Answer): unknown {
  return [status, body];
}

describe('RAISE', () => {
  test('PTxyz chooses the status', async () => {
    expect(shownOf(await rest.post('/rpc/raise_pt', { body: {} }))).toEqual([
      402,
      { code: 'PT402', message: 'Payment required', details: 'Quota exceeded', hint: 'Upgrade your plan' },
    ]);
  });
  test('PGRST writes all of the answer', async () => {
    const answer = await rest.post('/rpc/raise_pgrst', { body: {} });
    expect(shownOf(answer)).toEqual([
      402,
      { code: '123', message: 'Payment required', details: 'Quota exceeded', hint: 'Upgrade' },
    ]);
    expect([answer.headers['x-powered-by'], answer.headers['set-cookie']]).toEqual(['Nerd Rage', 'a=b']);
  });
  test.each([
    [{}],
    [{ message: '{"code": "1"}' }],
    [{ message: '{"code": "1", "message": "m"}', detail: '{"status": 402}' }],
  ])('PGRST that nobody can read: %o', async (body) => {
    expect(shownOf(await rest.post('/rpc/raise_pgrst_badly', { body }))).toMatchObject([
      500,
      { code: 'PGRST121', message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error` },
    ]);
  });
  test('from triggers', async () => {
    expect(shownOf(await rest.post('/guarded', { body: { id: 50, amount: 402 } }))).toMatchObject([
      402,
      { code: 'PT402', details: 'by trigger' },
    ]);
    const tea = await rest.post('/guarded', { body: { id: 50, amount: 418 } });
    expect([...(shownOf(tea) as unknown[]), tea.headers['x-tea']]).toMatchObject([
      418,
      { code: 'TEA' },
      'Earl Grey',
    ]);
  });
});

describe('SQLSTATE → status', () => {
  test.each([
    ['09000', 500],
    ['0L000', 403],
    ['0P000', 403],
    ['23503', 409],
    ['23505', 409],
    ['23514', 400],
    ['25006', 405],
    ['25001', 500],
    ['28000', 403],
    ['2D000', 500],
    ['38000', 500],
    ['39000', 500],
    ['3B000', 500],
    ['40001', 500],
    ['42883', 404],
    ['42P01', 404],
    ['42P17', 500],
    ['42501', 401],
    ['53400', 500],
    ['53300', 503],
    ['54000', 500],
    ['55000', 500],
    ['57000', 500],
    ['58000', 500],
    ['F0000', 500],
    ['HV000', 500],
    ['P0001', 400],
    ['P0002', 500],
    ['XX000', 500],
    ['22012', 400],
    ['AB123', 400],
  ])('%s is %d', async (state, status) => {
    expect(shownOf(await rest.post('/rpc/raise_state', { body: { state } }))).toEqual([
      status,
      { code: state, message: 'raised', details: 'the detail', hint: 'the hint' },
    ]);
  });
});

describe('constraints', () => {
  test.each([
    [{ id: 60, amount: -1 }, 400, '23514'],
    [{ id: 60, code: 'too long' }, 400, '22001'],
    [{ id: 60, item_id: 9999 }, 409, '23503'],
    [{ id: 60, slug: 'one' }, 409, '23505'],
    [{ id: 60, amount: 'x' }, 400, '22P02'],
    [{ id: 99999999999 }, 400, '22003'],
  ])('%o', async (body, status, code) => {
    expect(shownOf(await rest.post('/guarded', { body }))).toMatchObject([status, { code }]);
  });
  test('domains and enums', async () => {
    expect(shownOf(await rest.post('/all_types', { body: { id: 60, email: 'none' } }))).toMatchObject([
      400,
      { code: '23514' },
    ]);
    expect(shownOf(await rest.post('/all_types', { body: { id: 60, mood: 'angry' } }))).toMatchObject([
      400,
      { code: '22P02' },
    ]);
  });
});

describe('requests that cannot be', () => {
  test.each([
    ['/artists?id=eq', 400, 'PGRST100'],
    ['/artists?id=nope.1', 400, 'PGRST100'],
    ['/artists?select=id,(', 400, 'PGRST100'],
    ['/artists?or=(id.eq.1', 400, 'PGRST100'],
    ['/artists?id=eq.x', 400, '22P02'],
    ['/artists?id=like.1', 404, '42883'],
    ['/artists?nope=eq.1', 400, '42703'],
    ['/artists?name=match.(', 400, '2201B'],
    ['/artists?id=is.maybe', 400, 'PGRST100'],
    ['/artist', 404, 'PGRST205'],
    ['/a/b', 404, 'PGRST125'],
    ['/rpc/', 404, 'PGRST202'],
    ['/texts?vector=fts(klingon).x', 400, '42704'],
    ['/texts?vector=fts.a%20b', 400, '42601'],
  ])('%s', async (path, status, code) => {
    const answer = await rest.get(path);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
    expect(Object.keys(answer.body as object).sort()).toEqual(['code', 'details', 'hint', 'message']);
  });
  test('the envelope', async () => {
    const answer = await rest.get('/artist');
    expect([answer.headers['content-type'], answer.body]).toEqual([
      'application/json; charset=utf-8',
      {
        code: 'PGRST205',
        message: "Could not find the table 'api.artist' in the schema cache",
        details: null,
        hint: "Perhaps you meant the table 'api.artists'",
      },
    ]);
    expect((await rest.get('/artists?id=nope.1')).body).toMatchObject({
      message: '"failed to parse filter (nope.1)" (line 1, column 1)',
    });
  });
  test('methods that nothing answers', async () => {
    const answers = await Promise.all([rest.put('/', { body: {} }), rest.del('/')]);
    expect(answers.map(({ status }) => status)).toEqual([405, 405]);
  });
  test('HEAD of a fault has no body', async () => {
    const answer = await rest.head('/nowhere');
    expect([answer.status, answer.body]).toEqual([404, '']);
  });
});
