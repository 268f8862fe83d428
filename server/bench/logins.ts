/** Sign-ins: whether time tells user names apart, and what a flood of wrong passwords costs everybody else. */
import { request } from 'node:http';
import type { Product } from './product.ts';
import { median, ms, type Row } from './row.ts';

const ATTEMPTS = 60;
const WARM_UP = 10;
const FLOOD = 100;
const PROBES_QUIET = 300;
const PROBE_EVERY_MS = 5;

/** For the product that is measured: one address makes all attempts. */
export const UNLIMITED_LOGINS = { LOGIN_RATE_LIMIT_PER_MINUTE: '1000000', LOGIN_RATE_LIMIT_BURST: '1000000' };

/** How long one request takes, on a connection of its own. */
function timeOf(product: Product, path: string, body?: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const outgoing = request(
      `${product.url}${path}`,
      {
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
        headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' },
      },
      (response) => response.resume().once('end', () => resolve(performance.now() - start)),
    );
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function attempt(product: Product, username: string): Promise<number> {
  return timeOf(product, '/api/v1/auth/login', { username, password: 'not the password' });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function spread(values: readonly number[]): string {
  return `${ms(median(values))} (${quantile(values, 0.1).toFixed(1)}–${quantile(values, 0.9).toFixed(1)})`;
}

async function names(product: Product): Promise<Row> {
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = -WARM_UP; i < ATTEMPTS; i++) {
    // In turns, so that what disturbs the machine disturbs both.
    const pair = [await attempt(product, 'admin'), await attempt(product, `nobody${i}`)];
    if (i < 0) continue;
    known.push(pair[0] ?? 0);
    unknown.push(pair[1] ?? 0);
  }
  return {
    name: 'sign in: unknown against known name (10 %–90 %)',
    raw: spread(known),
    ours: spread(unknown),
    ratio: (median(unknown) / median(known)).toFixed(2),
    bar: 'about 1',
  };
}

/** Probes one after the other, until `done`. */
async function probe(product: Product, done: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!done(times.length)) {
    times.push(await timeOf(product, '/auth/me'));
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
  return times;
}

async function flood(product: Product): Promise<Row> {
  const quiet = await probe(product, (count) => count >= PROBES_QUIET);
  let isOver = false;
  const attempts = Promise.all(Array.from({ length: FLOOD }, () => attempt(product, 'admin'))).then(() => {
    isOver = true;
  });
  const busy = await probe(product, () => isOver);
  await attempts;
  return {
    name: `p99 of GET /auth/me during ${FLOOD} wrong passwords`,
    raw: ms(quantile(quiet, 0.99)),
    ours: ms(quantile(busy, 0.99)),
    ratio: (quantile(busy, 0.99) / quantile(quiet, 0.99)).toFixed(1),
    bar: 'p99 under 100 ms',
  };
}

export async function benchLogins(product: Product): Promise<Row[]> {
  return [await names(product), await flood(product)];
}
