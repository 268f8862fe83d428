import { chown, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isProcessAlive, signalProcess } from '../../src/drivers/command/process-identity.ts';
import { Harness, type StandIn } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.create();
});
afterEach(() => harness.remove());

async function kill(parent: { pid: number; exited: Promise<unknown> }): Promise<void> {
  signalProcess(parent.pid, 'SIGKILL');
  await parent.exited;
}

async function killPostmaster(pid: number): Promise<void> {
  signalProcess(pid, 'SIGKILL');
  await expect.poll(() => isProcessAlive(pid), { timeout: 5_000 }).toBe(false);
}

/** A backend in the middle of a query that never looks whether its postmaster is alive. */
async function keepBusy(standIn: StandIn): Promise<number> {
  const client = await harness.connect(standIn.dsn);
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const busy = client.query('SELECT count(*) FROM generate_series(1, 1e12::bigint) n');
  busy.catch(() => {
    // It is meant to be cut off.
  });
  return rows[0]?.pid ?? 0;
}

async function answersAgain(dsn: string): Promise<void> {
  const ask = () => harness.ask(dsn, 'SELECT 1').catch((error: pg.DatabaseError) => error.code);
  await expect.poll(ask, { timeout: 15_000 }).toBe(1);
}

describe('after a SIGKILL of Backyard', () => {
  test('the running Postgres is taken over and its clients notice nothing', async () => {
    const standIn = await harness.startStandIn();
    const tenant = await harness.connect(standIn.dsn);
    await tenant.query('CREATE TEMPORARY TABLE mine (n int)');
    await kill(standIn);
    const next = await harness.start();
    expect(next).toMatchObject({ adopted: true, dsn: standIn.dsn });
    expect(next.pid()).toBe(standIn.postgresPid);
    await tenant.query('INSERT INTO mine VALUES (1)');
    await next.stop();
    expect(isProcessAlive(standIn.postgresPid)).toBe(false);
  });

  test('the log still gets what Postgres writes', async () => {
    const standIn = await harness.startStandIn();
    await kill(standIn);
    await harness.ask(standIn.dsn, 'SELECT 1/0').catch(() => {});
    expect(await readFile(join(harness.dataDir, 'postgres.log'), 'utf8')).toContain('division by zero');
  });

  test('and of Postgres in the middle of a query, everything committed is there', async () => {
    const standIn = await harness.startStandIn();
    await harness.ask(standIn.dsn, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const busyPid = await keepBusy(standIn);
    await kill(standIn);
    await killPostmaster(standIn.postgresPid);
    const next = await harness.start();
    expect(next.adopted).toBe(false);
    expect(isProcessAlive(busyPid)).toBe(false);
    expect(await harness.ask(next.dsn, 'SELECT answer FROM kept')).toBe(42);
    await next.stop();
  });

  test('a Postgres that hangs is replaced', async () => {
    const standIn = await harness.startStandIn();
    await kill(standIn);
    signalProcess(standIn.postgresPid, 'SIGSTOP');
    const next = await harness.start();
    expect(next.adopted).toBe(false);
    expect(isProcessAlive(standIn.postgresPid)).toBe(false);
    expect(harness.messages).toContain('does not answer');
    expect(await harness.ask(next.dsn, 'SELECT 1')).toBe(1);
    await next.stop();
  });

  test('a Postgres that was shutting down is waited for', async () => {
    const standIn = await harness.startStandIn();
    await kill(standIn);
    signalProcess(standIn.postgresPid, 'SIGINT');
    const next = await harness.start();
    expect(next.adopted).toBe(false);
    expect(await harness.ask(next.dsn, 'SELECT 1')).toBe(1);
    await next.stop();
  });

  test.each(['while it writes', 'with initdb too'])(
    'in the middle of initdb, %s, the next start begins anew',
    async (how) => {
      const parent = await harness.launchStandIn();
      const madeFiles = async () => {
        const [staging] = await harness.leftovers();
        if (staging === undefined) return 0;
        return (await readdir(join(harness.dataDir, staging, 'cluster')).catch(() => [])).length;
      };
      await expect.poll(madeFiles, { timeout: 20_000, interval: 5 }).toBeGreaterThan(3);
      await kill(parent);
      // A command leads its own process group, initdb too; here the parent cannot end it any more.
      if (how === 'with initdb too') await expect.poll(madeFiles, { timeout: 20_000 }).toBeGreaterThan(20);
      expect(await readdir(harness.dataDir)).not.toContain('postgres');
      const next = await harness.start();
      expect(await harness.ask(next.dsn, 'SELECT 1')).toBe(1);
      await next.stop();
      expect(harness.messages).toContain('half-made');
    },
  );
});

describe('a stale postmaster.pid', () => {
  test.each([
    ['of a dead process', () => 4_194_303],
    ['whose pid another program has', () => process.pid],
  ])('%s is no obstacle', async (_name, pid) => {
    const first = await harness.start();
    await first.stop();
    const lines = [
      pid(),
      join(harness.dataDir, 'postgres'),
      1_700_000_000,
      first.port,
      '',
      '127.0.0.1',
      '',
      'ready',
    ];
    const cluster = join(harness.dataDir, 'postgres');
    await writeFile(join(cluster, 'postmaster.pid'), `${lines.join('\n')}\n`, { mode: 0o600 });
    const { uid, gid } = await stat(cluster);
    await chown(join(cluster, 'postmaster.pid'), uid, gid);
    const next = await harness.start();
    expect(next.adopted).toBe(false);
    await next.stop();
  });
});

describe('a Postgres that dies', () => {
  test('is started again, also twice', async () => {
    const postgres = await harness.start();
    for (const _ of [1, 2]) {
      const dead = postgres.pid();
      await killPostmaster(dead);
      await answersAgain(postgres.dsn);
      await expect.poll(() => postgres.pid(), { timeout: 5_000 }).not.toBe(dead);
    }
    expect(harness.messages).toContain('Postgres died; starting it again');
    await postgres.stop();
    expect(isProcessAlive(postgres.pid())).toBe(false);
  });

  test('is started again when it was taken over', async () => {
    const standIn = await harness.startStandIn();
    await kill(standIn);
    const next = await harness.start();
    expect(next.adopted).toBe(true);
    await killPostmaster(standIn.postgresPid);
    await answersAgain(next.dsn);
    await next.stop();
  });

  test('is not started again by a stop in between', async () => {
    const postgres = await harness.start();
    await killPostmaster(postgres.pid());
    await postgres.stop();
    await expect(harness.ask(postgres.dsn, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('a busy client does not hold up a stop', async () => {
  const standIn = await harness.startStandIn();
  const busyPid = await keepBusy(standIn);
  signalProcess(standIn.pid, 'SIGTERM');
  expect(await standIn.exited).toEqual({ code: 0, signal: null });
  expect(isProcessAlive(busyPid)).toBe(false);
  expect(isProcessAlive(standIn.postgresPid)).toBe(false);
});
