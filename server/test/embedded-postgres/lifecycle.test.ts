import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isProcessAlive } from '../../src/drivers/command/process-identity.ts';
import { getPostgresBinaries } from '../../src/drivers/embedded-postgres/binaries.ts';
import { chooseFreePort } from '../../src/drivers/embedded-postgres/port.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.create();
});
afterEach(() => harness.remove());

const inDir = (name: string): string => join(harness.dataDir, name);
const readConnection = async () => JSON.parse(await readFile(inDir('postgres.json'), 'utf8'));

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('startEmbeddedPostgres', () => {
  test('first starts at the same moment, with one port in mind, get a port each', async () => {
    const preferredPort = await chooseFreePort(0);
    const others = await Promise.all([Harness.create(), Harness.create()]);
    try {
      const all = [harness, ...others];
      const started = await Promise.all(all.map((one) => one.start({ preferredPort })));
      expect(new Set(started.map(({ port }) => port)).size).toBe(3);
      for (const [index, { dsn }] of started.entries()) {
        expect(await all[index]?.ask(dsn, `SELECT current_setting('data_directory')`)).toContain(
          all[index]?.dataDir,
        );
      }
    } finally {
      for (const other of others) await other.remove();
    }
  });

  test('the first start makes a safe, closed and complete cluster', async () => {
    const postgres = await harness.start();
    expect(postgres).toMatchObject({ host: '127.0.0.1', adopted: false });
    const settings = `SELECT json_object_agg(name, setting) FROM pg_settings`;
    expect(await harness.ask(postgres.dsn, settings)).toMatchObject({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '300',
      server_encoding: 'UTF8',
      data_checksums: 'on',
      port: String(postgres.port),
    });
    const rules = `SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules`;
    expect(await harness.ask(postgres.dsn, rules)).toEqual(['scram-sha-256']);
    expect(await harness.ask(postgres.dsn, `SELECT upper('ärger')`)).toBe('ÄRGER');
    expect(await harness.leftovers()).toEqual([]);
    for (const name of ['postgres.json', 'postgres.log'])
      expect((await stat(inDir(name))).mode & 0o777).toBe(0o600);
    await postgres.stop();
    expect(isProcessAlive(postgres.pid())).toBe(false);
  });

  test.runIf(process.platform === 'linux')(
    'neither argument nor environment holds the password',
    async () => {
      const postgres = await harness.start();
      const { password } = await readConnection();
      expect(password).toMatch(/^[0-9A-Za-z]{32}$/);
      const seen = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${postgres.pid()}/${file}`, 'utf8')),
      );
      expect(seen.join()).toContain('postgres');
      expect(seen.join()).not.toContain(password);
      expect(JSON.stringify(harness.log.lines)).not.toContain(password);
      await postgres.stop();
    },
  );

  test('a wrong password is refused', async () => {
    const postgres = await harness.start();
    const dsn = postgres.dsn.replace(/:[^:@]+@/, ':wrong@');
    await expect(harness.ask(dsn, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await postgres.stop();
  });

  test('a second start keeps port, password and content', async () => {
    const first = await harness.start();
    await harness.ask(first.dsn, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await harness.start({ preferredPort: await chooseFreePort(0) });
    expect(second.dsn).toBe(first.dsn);
    expect(second.adopted).toBe(false);
    expect(await harness.ask(second.dsn, 'SELECT answer FROM kept')).toBe(42);
    await second.stop();
  });

  test('the first start goes round a taken port, a later one says that it is taken', async () => {
    const taken = await chooseFreePort(0);
    const stranger = await listenOn(taken);
    const first = await harness.start({ preferredPort: taken });
    expect(first.port).not.toBe(taken);
    await first.stop();
    stranger.close();
    const other = await listenOn(first.port);
    await expect(harness.start()).rejects.toMatchObject({
      code: 'config.postgres-port-taken',
      message: expect.stringMatching(new RegExp(`Port ${first.port} .*taken.*Stop that program`)),
    });
    other.close();
    await once(other, 'close');
    const second = await harness.start();
    expect(second.dsn).toBe(first.dsn);
    await second.stop();
  });

  test('a cluster of another major version is left alone, with a sentence', async () => {
    await (await harness.start()).stop();
    await writeFile(inDir('postgres/PG_VERSION'), '15\n');
    await expect(harness.start()).rejects.toMatchObject({
      code: 'config.postgres-version',
      message: expect.stringContaining('was made by Postgres 15, but this Backyard brings Postgres 18'),
    });
  });

  test('a cluster without its connection file is left alone, with a sentence', async () => {
    await (await harness.start()).stop();
    await writeFile(inDir('postgres.json'), '{"port": 1, "pass');
    await expect(harness.start()).rejects.toMatchObject({
      message: expect.stringMatching(/postgres\.json.* is not JSON/),
    });
    await rm(inDir('postgres.json'));
    await expect(harness.start()).rejects.toMatchObject({ code: 'config.postgres-connection-file' });
  });

  test('a password changed by hand is said to be so', async () => {
    const first = await harness.start();
    await harness.ask(first.dsn, `ALTER ROLE postgres PASSWORD 'changed-by-hand'`);
    await first.stop();
    await expect(harness.start()).rejects.toMatchObject({ code: 'config.postgres-password' });
    expect(isProcessAlive(first.pid())).toBe(false);
  });

  test('a start that is called off leaves nothing running, and the next one works', async () => {
    await expect(harness.start({ signal: AbortSignal.timeout(150) })).rejects.toThrow();
    expect(await harness.leftovers()).toEqual([]);
    const postgres = await harness.start();
    expect(postgres.adopted).toBe(false);
    await postgres.stop();
  });

  test('a start that Postgres refuses gives its reason', async () => {
    await (await harness.start()).stop();
    await writeFile(inDir('postgres/postgresql.auto.conf'), `shared_buffers = 'a lot'\n`);
    await expect(harness.start()).rejects.toMatchObject({
      code: 'postgres.start-failed',
      message: expect.stringMatching(/ended while it started: .*FATAL:.*postgresql\.auto\.conf/),
    });
  });

  test('a statement that fails leaves no text of itself in the log', async () => {
    const postgres = await harness.start();
    const statement = `CREATE ROLE postgres PASSWORD 'do-not-log-me'`;
    await expect(harness.ask(postgres.dsn, statement)).rejects.toMatchObject({ code: '42710' });
    await postgres.stop();
    const log = await readFile(inDir('postgres.log'), 'utf8');
    expect(log).toContain('role "postgres" already exists');
    expect(log).not.toContain('do-not-log-me');
  });

  test('a platform without binaries is pointed to DATABASE_URL', async () => {
    await expect(getPostgresBinaries('plan9-x64')).rejects.toMatchObject({
      code: 'config.postgres-binaries-missing',
      message: expect.stringContaining('DATABASE_URL'),
    });
  });
});
