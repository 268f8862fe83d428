/** Requests per second against a hand-written route that sends the same statement. */
import { authenticator } from '../src/auth/authenticate.ts';
import { planRequest } from '../src/plan/plan-request.ts';
import { parseRequest } from '../src/request/parse-request.ts';
import { TenantPool } from '../src/run/pool.ts';
import { loadSchema } from '../src/schema/load-schema.ts';
import { renderScript } from '../src/sql/render-script.ts';
import type { Statement } from '../src/sql/statement.ts';
import { startChild } from './child.ts';
import { benchSettings } from './database.ts';
import { measureLoad } from './http-load.ts';
import { median, type Row } from './row.ts';

const PATHS = { one: '/items?id=eq.4711', many: '/items?limit=1000' } as const;
const ROUNDS = 5;
const ROUND_MS = 1_500;
/** Until the code of both is compiled. */
const WARM_UP_MS = 2_500;

export async function benchReads(dsn: string): Promise<Row[]> {
  const queries = await renderQueries(dsn);
  const ours = await startChild<{ port: number }>('gateway-server.ts', { dsn });
  const theirs = await startChild<{ port: number }>('fastify-server.ts', { dsn, queries });
  const compare = (name: string, theirPath: string, ourPath: string, bar: string) =>
    compareLoad(name, bar, [theirs.answer.port, theirPath], [ours.answer.port, ourPath]);
  try {
    return [
      await compare('one row by key, same SQL', '/plain/one', PATHS.one, 'at least 0.60'),
      await compare('1,000 rows, same SQL', '/plain/many', PATHS.many, 'at least 0.80'),
      await compare('one row, same SQL prepared by hand', '/prepared/one', PATHS.one, 'at least 0.60'),
      await compare('1,000 rows, same SQL prepared by hand', '/prepared/many', PATHS.many, 'at least 0.80'),
      await compare('one row, SELECT * prepared by hand', '/rows/one', PATHS.one, '–'),
      await compare('1,000 rows, SELECT * prepared by hand', '/rows/many', PATHS.many, '–'),
    ];
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

type Side = readonly [port: number, path: string];

/** Rounds take turns, so that what else the machine does falls on both. */
async function compareLoad(name: string, bar: string, theirs: Side, ours: Side): Promise<Row> {
  await measureLoad(...theirs, WARM_UP_MS);
  await measureLoad(...ours, WARM_UP_MS);
  const raw: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    raw.push(await measureLoad(...theirs, ROUND_MS));
    own.push(await measureLoad(...ours, ROUND_MS));
  }
  const perSecond = (value: number) => `${Math.round(value)} /s`;
  return {
    name,
    raw: perSecond(median(raw)),
    ours: perSecond(median(own)),
    ratio: (median(own) / median(raw)).toFixed(2),
    bar,
  };
}

/** The main statements of the two paths, as the gateway sends them. */
async function renderQueries(dsn: string): Promise<Record<string, Statement>> {
  const settings = await benchSettings(dsn);
  const pool = new TenantPool(settings);
  const client = await pool.acquire();
  const cache = await loadSchema(client, settings);
  client.release();
  await pool.end();
  const identity = await authenticator(settings)({});
  const entries = Object.entries(PATHS).map(([name, url]) => {
    const raw = { method: 'GET', url, headers: {}, body: Buffer.alloc(0), remoteAddress: null };
    const request = parseRequest(raw, settings);
    const plan = planRequest(request, cache, settings);
    return [name, renderScript(request, plan, identity, cache, settings).main] as const;
  });
  return Object.fromEntries(entries);
}
