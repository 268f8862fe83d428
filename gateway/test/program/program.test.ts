import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { until } from '../tenants/tenant-suite.ts';
import {
  BIN,
  configure,
  database,
  dir,
  exitOf,
  HOST,
  launch,
  run,
  SECRET,
  statusOf,
  useProgramSuite,
} from './program-suite.ts';

useProgramSuite();

function loads(metrics: string): number {
  return Number(/^pgrst_schema_cache_loads_total\{status="SUCCESS"\} (\d+)$/m.exec(metrics)?.[1]);
}

describe('requests', () => {
  test('are answered over HTTP, with bodies, HEAD and keep-alive', async () => {
    const { base } = await run(await configure());
    const response = await fetch(`${base}/items?id=eq.3&select=name`);
    expect([response.status, await response.json()]).toEqual([200, [{ name: 'item 3' }]]);
    expect(response.headers.get('content-length')).toBe('19');
    const created = await fetch(`${base}/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'return=representation' },
      body: JSON.stringify({ id: 50, name: 'ü'.repeat(100_000) }),
    });
    expect(created.status).toBe(201);
    await created.arrayBuffer();
    const head = await fetch(`${base}/items`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const removed = await fetch(`${base}/items?id=eq.50`, { method: 'DELETE' });
    expect([removed.status, await removed.text()]).toEqual([204, '']);
  });

  test('of the absolute form and with headers in UTF-8 are understood', async () => {
    const { base } = await run(await configure());
    const { port } = new URL(base);
    const options = { host: HOST, port, path: 'http://elsewhere/rpc/setting?name=request.headers' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'x-name': Buffer.from('Zoë').toString('latin1') };
      httpRequest({ ...options, headers }, resolve)
        .on('error', reject)
        .end();
    });
    response.setEncoding('utf8');
    let body = '';
    for await (const chunk of response) body += chunk;
    expect(JSON.parse(JSON.parse(body))).toMatchObject({ 'x-name': 'Zoë' });
  });

  test('that are too large are refused', async () => {
    const { base } = await run(await configure());
    const response = await fetch(`${base}/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(33 * 1024 * 1024),
    }).catch(() => undefined);
    // A client that still writes may see the connection go instead of the answer.
    expect([413, undefined]).toContain(response?.status);
    expect(await statusOf(`${base}/items`)).toBe(200);
  });

  test('come over a Unix socket too, which replaces one that was left behind', async () => {
    const socketPath = join(dir, 'rest.sock');
    const stale = createServer().listen(socketPath);
    await once(stale, 'listening');
    const path = await configure({ 'server-unix-socket': socketPath, 'server-unix-socket-mode': '600' });
    const { child, log } = launch(path);
    await until(() => log().includes('admin server listening') || child.exitCode !== null);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest({ socketPath, path: '/items' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
    const { mode } = await stat(socketPath);
    stale.close();
    expect([status, mode & 0o777]).toEqual([200, 0o600]);
  });
});

describe('the admin server', () => {
  test('tells health, metrics, the schema cache and the configuration without secrets', async () => {
    const { base, admin } = await run(await configure({ 'jwt-secret': SECRET }));
    await until(async () => (await statusOf(`${admin}/ready`)) === 200);
    expect(await statusOf(`${admin}/live`)).toBe(200);
    expect(await statusOf(`${base}/items`)).toBe(200);
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(loads(metrics)).toBe(1);
    expect(metrics).toContain('pgrst_db_pool_max 10\n');
    const cache = (await (await fetch(`${admin}/schema_cache`)).json()) as { tables: object };
    expect(Object.keys(cache.tables)).toContain('api.items');
    const config = await (await fetch(`${admin}/config`)).text();
    expect(config).toContain('db-schemas = "api"\n');
    expect(config).not.toContain(SECRET);
    expect(config).not.toContain('authenticator:');
    expect(await statusOf(`${admin}/nothing`)).toBe(404);
  });

  test('is live and not ready while the database is away, and ready without a restart', async () => {
    const probe = createServer().listen(0, HOST);
    await once(probe, 'listening');
    const { port } = probe.address() as { port: number };
    probe.close();
    const gone = new URL(database.authenticatorDsn);
    const { host } = gone;
    gone.port = String(port);
    const { admin, base } = await run(await configure({ 'db-uri': gone.href }));
    expect([await statusOf(`${admin}/live`), await statusOf(`${admin}/ready`)]).toEqual([200, 503]);
    expect(await statusOf(`${base}/items`)).toBe(503);
    const [hostname, databasePort] = host.split(':');
    const relay = createServer((socket) => {
      const onward = connect(Number(databasePort), hostname);
      socket.pipe(onward).pipe(socket);
      for (const [end, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        end.on('error', () => end.destroy()).on('close', () => other.destroy());
      }
    });
    relay.listen(port, HOST);
    await once(relay, 'listening');
    await until(async () => (await statusOf(`${admin}/ready`)) === 200);
    expect(await statusOf(`${base}/items`)).toBe(200);
    relay.close();
  });
});

describe('signals', () => {
  test('SIGUSR1 reloads the schema cache', async () => {
    const { admin, base, child } = await run(await configure());
    await until(async () => (await statusOf(`${admin}/ready`)) === 200);
    await database.run('CREATE TABLE api.fresh (id int); GRANT SELECT ON api.fresh TO web_anon');
    expect(await statusOf(`${base}/fresh`)).toBe(404);
    child.kill('SIGUSR1');
    await until(async () => (await statusOf(`${base}/fresh`)) === 200);
    await database.run('DROP TABLE api.fresh');
  });

  test('SIGUSR2 reads the configuration again; mistakes change nothing', async () => {
    const { base, child, log } = await run(await configure({ 'jwt-secret': SECRET }));
    const sign = (secret: string) =>
      new SignJWT({ role: 'web_user' }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
    const old = { authorization: `Bearer ${await sign(SECRET)}` };
    expect(await statusOf(`${base}/items`, old)).toBe(200);
    await configure({ 'db-tx-end': 'nonsense' });
    child.kill('SIGUSR2');
    await until(() => log().includes('could not be reloaded'));
    expect(await statusOf(`${base}/items`, old)).toBe(200);
    await configure({ 'jwt-secret': 'b'.repeat(32), 'db-scemas': 'x' });
    child.kill('SIGUSR2');
    await until(() => log().includes('configuration reloaded'));
    expect(log()).toContain('the key db-scemas is unknown and ignored');
    expect(await statusOf(`${base}/items`, old)).toBe(401);
    expect(await statusOf(`${base}/items`, { authorization: `Bearer ${await sign('b'.repeat(32))}` })).toBe(
      200,
    );
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it in order, and requests in flight are answered',
    async (signal) => {
      const { base, child } = await run(await configure());
      expect(await statusOf(`${base}/items`)).toBe(200);
      const slow = fetch(`${base}/rpc/pause`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"seconds": 0.5}',
      });
      await until(async () => {
        const [row] = await database.run(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE '%pause%' AND state = 'active' AND pid <> pg_backend_pid()",
        );
        return Number(row?.n) > 0;
      });
      child.kill(signal);
      expect((await slow).status).toBe(200);
      expect(await exitOf(child)).toEqual([0, null]);
    },
  );
});

describe('the start', () => {
  async function refusal(path: string, environment?: Record<string, string>): Promise<string> {
    const { child, log } = launch(path, environment);
    expect(await exitOf(child)).toEqual([1, null]);
    return log();
  }

  test('is refused with one sentence', async () => {
    const taken = createServer().listen(0, HOST);
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    expect(await refusal(await configure({ 'server-port': port }))).toContain(
      `error: the port ${port} is in use already: choose another server-port\n`,
    );
    taken.close();
    expect(await refusal(await configure({ 'log-level': 'loud' }))).toMatch(
      /^error: configuration: log-level must/,
    );
    const broken = join(dir, 'broken.conf');
    await writeFile(broken, 'db-uri = "x"\noops\n');
    expect(await refusal(broken)).toBe('error: configuration: line 2: = was expected after oops\n');
    expect(await refusal(join(dir, 'none.conf'))).toContain('cannot be read (ENOENT)');
  });

  test('takes settings from the environment, which beats the file, and fills variables in', async () => {
    const path = await configure({ 'db-schemas': '$(SCHEMA)', 'db-anon-role': 'nobody' });
    const { base } = await run(path, { SCHEMA: 'api', PGRST_DB_ANON_ROLE: 'web_anon' });
    expect(await statusOf(`${base}/items`)).toBe(200);
  });

  test('help, version and example go to standard output', async () => {
    const printed = async (flag: string) => (await promisify(execFile)(process.execPath, [BIN, flag])).stdout;
    expect(await printed('--version')).toMatch(/^backyard-rest \d+\.\d+\.\d+\n$/);
    expect(await printed('--help')).toContain('Usage: backyard-rest');
    expect(await printed('--example')).toContain('db-uri = ');
    await expect(printed('--nonsense')).rejects.toMatchObject({ code: 2 });
  });
});

test('the log shows requests by its level, and never their values', async () => {
  const { base, log } = await run(await configure({ 'log-level': 'info' }));
  await statusOf(`${base}/items?name=eq.hunter2`, { authorization: 'Bearer hunter2' });
  await statusOf(`${base}/items?id=eq.hunter2`);
  await until(() => log().split('"msg":"request"').length === 3);
  expect(log()).toContain('"path":"/items","status":400');
  expect(log()).not.toContain('hunter2');
});
