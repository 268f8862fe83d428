import { describe, expect, test } from 'vitest';
import { useScriptSuite } from './script-suite.ts';

const suite = useScriptSuite();
const show = async (name: string, call: Parameters<typeof suite.send>[2] = {}) =>
  (await suite.send('GET', `/rpc/show_setting?name=${name}`, call)).json;

describe('settings of a request', () => {
  test('tell SQL who asks for what', async () => {
    const call = {
      role: 'web_user',
      claims: { sub: "o'neil" },
      headers: { 'x-one': 'ä "1"', cookie: 'a=b; c=d' },
    };
    expect(JSON.parse(String(await show('request.jwt.claims', call)))).toEqual({
      role: 'web_user',
      sub: "o'neil",
    });
    expect(JSON.parse(String(await show('request.headers', call)))).toEqual({ 'x-one': 'ä "1"' });
    expect(JSON.parse(String(await show('request.cookies', call)))).toEqual({ a: 'b', c: 'd' });
    expect(await show('request.method', call)).toBe('GET');
    expect(await show('request.path', call)).toBe('/rpc/show_setting');
    expect(await show('role', call)).toBe('web_user');
    expect(await show('search_path', call)).toBe('"api", "extra"');
    expect((await suite.send('GET', '/rpc/whoami', call)).json).toBe('web_user');
  });

  test('are those of the profile, the configuration and the preferences', async () => {
    const v2 = await suite.send('GET', '/rpc/hello', { headers: { 'accept-profile': 'v2' } });
    expect(v2.json).toBe('hello from v2');
    expect(v2.script.settings.values).toContain('"v2", "extra"');
    const appSettings = { 'app.settings.secret': 'x;y', 'app.settings.b': '' };
    expect(await show('app.settings.secret', { settings: { appSettings } })).toBe('x;y');
    expect(await show('timezone', { headers: { prefer: 'timezone=Asia/Tokyo' } })).toBe('Asia/Tokyo');
    const server = await show('timezone');
    expect(await show('timezone', { headers: { prefer: 'timezone=Mars/Base' } })).toBe(server);
    const strict = { prefer: 'handling=strict, timezone=Mars/Base' };
    await expect(show('timezone', { headers: strict })).rejects.toMatchObject({
      status: 400,
      code: 'PGRST122',
      details: 'Invalid preferences: timezone=Mars/Base',
    });
  });

  test('are gone with the transaction', async () => {
    await show('role', { role: 'web_user', headers: { prefer: 'timezone=Asia/Tokyo' }, commits: true });
    expect(await show('timezone')).not.toBe('Asia/Tokyo');
    expect(await show('role')).toBe('web_anon');
  });

  test('a role that the login may not take is refused', async () => {
    await expect(show('role', { role: 'web_stranger' })).rejects.toMatchObject({ code: '42501' });
    await expect(show('role', { role: 'no"body' })).rejects.toMatchObject({ code: '22023' });
  });
});

describe('settings of functions and roles', () => {
  test('a function has those that the configuration hoists, for its whole transaction', async () => {
    const { script, json } = await suite.send('POST', '/rpc/with_settings');
    expect(script.begin).toBe('BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE');
    expect(json).toEqual({ isolation: 'serializable', app: 'a=b, "c"' });
    expect(script.settings.values).not.toContain('work_mem');
    const hoisted = await suite.send('POST', '/rpc/with_settings', {
      settings: { dbHoistedTxSettings: ['work_mem'] },
    });
    expect(hoisted.script.begin).toBe('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    expect(hoisted.script.settings.values.slice(-2)).toEqual(['work_mem', '8MB']);
    const slow = await suite.send('POST', '/rpc/slow', { body: { seconds: 0 } });
    expect(slow.script.settings.values.slice(-2)).toEqual(['statement_timeout', '3s']);
  });

  test('a statement that takes too long ends', async () => {
    await expect(
      suite.send('POST', '/rpc/slow', {
        body: { seconds: 30 },
        settings: { dbHoistedTxSettings: ['statement_timeout'] },
      }),
    ).rejects.toMatchObject({ code: '57014' });
  });
});

test('the function before all requests sees who asks, and can stop them', async () => {
  const settings = { dbPreRequest: 'private.pre_request' };
  expect(await show('app.pre_request', { settings })).toBe('was here as web_anon');
  const { row } = await suite.send('GET', '/items', { settings, headers: { 'x-header': 'h' } });
  expect(row.responseHeaders).toBe('[{"X-From-Pre-Request" : "h"}]');
  await expect(
    suite.send('GET', '/items', { settings, headers: { 'x-block': 'yes' } }),
  ).rejects.toMatchObject({
    code: '42501',
    hint: 'Do not send X-Block',
  });
  const bare = await suite.send('GET', '/items', { settings: { dbPreRequest: 'hello' } });
  expect(bare.script.preRequest?.text).toBe('SELECT "hello"()');
});

test('reads cannot write', async () => {
  const { script } = await suite.send('GET', '/items');
  expect(script.begin).toBe('BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY');
});

describe('counts', () => {
  const count = async (kind: string, dbMaxRows: number | null = null) => {
    const { row, countPlanRows } = await suite.send('GET', '/numbers?n=gt.500&limit=5', {
      headers: { prefer: `count=${kind}` },
      settings: { dbMaxRows },
    });
    return { rows: row.rows, total: row.total, countPlanRows };
  };
  test('are exact, planned, or estimated beyond what an answer may hold', async () => {
    expect(await count('exact')).toEqual({ rows: 5, total: 500, countPlanRows: null });
    expect(await count('planned')).toEqual({ rows: 5, total: null, countPlanRows: 500 });
    expect(await count('estimated')).toEqual({ rows: 5, total: null, countPlanRows: 500 });
    expect(await count('estimated', 100)).toEqual({ rows: 5, total: 101, countPlanRows: 500 });
    expect(await count('exact', 3)).toEqual({ rows: 3, total: 500, countPlanRows: null });
  });

  test('of a HEAD come without rows', async () => {
    const { row } = await suite.send('HEAD', '/numbers?n=gt.990', { headers: { prefer: 'count=exact' } });
    expect(row).toMatchObject({ rows: 10, total: 10, body: null });
  });
});

describe('bodies', () => {
  const body = async (url: string, accept: string) =>
    (await suite.send('GET', url, { headers: { accept } })).row.body;

  test('JSON, whole or without nulls', async () => {
    const url = '/items?id=in.(1,3)&order=id';
    expect(await body(url, 'application/json')).toBe(
      '[{"id":1,"name":"item 1","note":"note 1"}, \n {"id":3,"name":"item 3","note":null}]',
    );
    expect(JSON.parse(String(await body(url, 'application/vnd.pgrst.array+json;nulls=stripped')))).toEqual([
      { id: 1, name: 'item 1', note: 'note 1' },
      { id: 3, name: 'item 3' },
    ]);
    expect(await body('/items?id=eq.3', 'application/vnd.pgrst.object+json;nulls=stripped')).toBe(
      '{"id":3,"name":"item 3"}',
    );
    expect(await body('/rpc/get_artist?id=1', 'application/vnd.pgrst.array+json;nulls=stripped')).toBe(
      '{"id":1,"name":"Ada Brandt","born":"1871-03-02"}',
    );
    expect(await body('/items?id=eq.0', '*/*')).toBe('[]');
  });

  test('CSV', async () => {
    expect(await body('/items?id=in.(1,3)&order=id&select=id,the%20note:note', 'text/csv')).toBe(
      'id,the note\n1,"note 1"\n3,',
    );
    expect(await body('/works?id=eq.4&select=title,price', 'text/csv')).toBe(
      'title,price\n"Glass, broken",15000.00',
    );
    expect(await body('/items?id=eq.0', 'text/csv')).toBe('\n');
    expect(await body('/rpc/even_numbers?up_to=4', 'text/csv')).toBe('pgrst_scalar\n2\n4');
  });

  test('by handlers of the rows of a table', async () => {
    const html = '<ul><li>Ada Brandt</li></ul>';
    expect(await body('/artists?id=eq.1', 'text/html')).toBe(html);
    expect(await body('/rpc/list_artists?id=eq.1', 'text/html')).toBe(html);
    await expect(body('/artists?select=name', 'text/html')).rejects.toMatchObject({ code: 'PGRST107' });
    const changed = await suite.send('PATCH', '/artists?id=eq.1', {
      headers: { accept: 'text/html', prefer: 'return=representation' },
      body: { name: 'Z' },
    });
    expect(changed.row.body).toBe('<ul><li>Z</li></ul>');
  });

  test('by handlers of any rows, and for any type', async () => {
    expect(await body('/items?id=in.(1,3)&order=id&select=id,note', 'text/tab-separated-values')).toBe(
      '1\tnote 1\n3\t\n',
    );
    const any = await suite.send('GET', '/guides?order=id', { headers: { accept: 'image/webp' } });
    expect(any.row).toMatchObject({
      body: Buffer.from('Ina;Jo;Kai;'),
      responseHeaders: '[{"Content-Type": "app/groucho"}]',
    });
    expect(any.plan.mediaType.type).toBe('application/octet-stream');
  });

  test('by functions that make a body themselves', async () => {
    expect(await body('/rpc/page', 'text/html')).toBe('<h1>page</h1>');
    expect(await body('/rpc/pixel', 'image/png')).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'));
    expect(await body('/rpc/raw_bytes', 'application/octet-stream')).toEqual(Buffer.from([0, 255]));
    expect(await body('/rpc/museum_xml', 'application/vnd.museum+xml')).toBe('<museum>Old Hall</museum>');
    expect(await body('/rpc/anything', 'text/x-whatever')).toEqual(Buffer.from('any'));
    expect(await body('/rpc/private_type', 'text/x-private')).toBe('x');
    expect(await body('/rpc/page', 'application/json')).toBe('"<h1>page</h1>"');
    await expect(body('/rpc/page', 'text/plain')).rejects.toMatchObject({
      status: 406,
      code: 'PGRST107',
      message: 'None of these media types are available: text/plain',
    });
  });

  test('plans, where they are allowed', async () => {
    const accept =
      'application/vnd.pgrst.plan+json; for="application/json"; options=analyze|buffers|verbose|nope';
    const { explain, plan, row } = await suite.send('POST', '/items', {
      headers: { accept, prefer: 'return=representation' },
      body: { id: 70 },
    });
    expect(JSON.parse(explain ?? '')[0]).toMatchObject({ 'Execution Time': expect.any(Number) });
    expect(plan.mediaType).toEqual({
      type: 'application/vnd.pgrst.plan+json',
      parameters: { for: 'application/json', options: 'analyze|verbose|buffers' },
    });
    expect(row.body).toBeNull();
    await expect(
      suite.send('GET', '/items', { headers: { accept }, settings: { dbPlanEnabled: false } }),
    ).rejects.toMatchObject({ code: 'PGRST107' });
  });

  test('of shapes are refused where PostGIS is not', async () => {
    await expect(body('/items', 'application/geo+json')).rejects.toMatchObject({ code: '42883' });
  });
});
