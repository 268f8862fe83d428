/**
 * `node gateway/bench/main.ts`: what the promises of the gateway cost, as ratios against a hand-written route in the
 * same run. Absolute times belong to the machine and the minute.
 */
import { Console } from 'node:console';
import pg from 'pg';
import { startChild } from './child.ts';
import { startBenchCluster } from './database.ts';
import { benchFirstRequests } from './first-requests.ts';
import { benchReads } from './reads.ts';
import type { Row } from './row.ts';

const TENANTS = 1_000;
const DATABASES = 20;

async function benchMemory(dsn: string): Promise<Row> {
  const child = await startChild<{ heapPerTenant: number; rssPerTenant: number }>(
    'idle-memory.ts',
    { dsn, tenants: TENANTS },
    ['--expose-gc'],
  );
  await child.stop();
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  const { heapPerTenant, rssPerTenant } = child.answer;
  return {
    name: `one of ${TENANTS} idle tenants`,
    raw: '–',
    ours: `${kilobytes(heapPerTenant)} heap, ${kilobytes(rssPerTenant)} resident`,
    ratio: '–',
    bar: 'at most 200 KiB',
  };
}

/** The hand-written route logs in with the rights itself, as it changes no role. */
async function createReader(dsn: string, adminDsn: string): Promise<void> {
  const url = new URL(adminDsn);
  url.pathname = new URL(dsn).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query("CREATE ROLE reader LOGIN PASSWORD 'bench' IN ROLE anon");
  await client.end();
}

const cluster = await startBenchCluster(DATABASES);
try {
  const [dsn = ''] = cluster.dsns;
  await createReader(dsn, cluster.dsn);
  const rows = [
    ...(await benchReads(dsn)),
    ...(await benchFirstRequests(cluster.dsns)),
    await benchMemory(dsn),
  ];
  new Console(process.stdout).table(Object.fromEntries(rows.map(({ name, ...cells }) => [name, cells])));
} finally {
  await cluster.stop();
}
