import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startCluster } from './cluster.ts';
import { CLUSTER_DIR_PREFIX } from './cluster-orphans.ts';

async function query(dsn: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function listOwnDirs(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`${CLUSTER_DIR_PREFIX}${process.pid}-`));
}

test('a cluster can be killed under a client, started again with its rows, and leaves nothing', async () => {
  const cluster = await startCluster();
  try {
    await query(cluster.dsn, 'CREATE TABLE kept AS SELECT 1 AS n');
    const busy = new pg.Client({ connectionString: cluster.dsn });
    const cut = new Promise((resolve) => busy.on('error', resolve));
    await busy.connect();
    const sleeping = busy.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
    await cluster.kill();
    expect(await sleeping).toBeInstanceOf(Error);
    expect(await cut).toBeInstanceOf(Error);
    await expect(query(cluster.dsn, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await cluster.restart();
    expect(await query(cluster.dsn, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
    expect(listOwnDirs()).toHaveLength(1);
  } finally {
    await cluster.stop();
    await cluster.stop();
  }
  expect(existsSync(`/proc/${cluster.pid()}`)).toBe(false);
  expect(listOwnDirs()).toEqual([]);
});
