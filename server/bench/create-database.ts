/** Creation of a database through the API against the same SQL sent by `pg`, alternating. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DatabaseTarget } from '../src/domain/database.ts';
import { planDatabase } from '../src/drivers/postgres/database-plan.ts';
import type { Product } from './product.ts';
import { median, ms, type Row } from './row.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 25);
const WARM_UP = 3;
const INSIDE = new Set(['prepare-schema', 'install-extensions']);

async function createByApi(product: Product, name: string): Promise<void> {
  const response = await fetch(`${product.url}/api/databases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** What the driver sends for a creation, and nothing else: no looks, no rows of ours. */
async function createBySql(product: Product, admin: pg.Client, name: string): Promise<void> {
  const target: DatabaseTarget = {
    id: randomUUID(),
    name,
    desired: 'active',
    everSettled: false,
    connectionLimit: 50,
    extensions: ['uuid-ossp'],
    logins: [],
  };
  const inside: string[] = [];
  for (const step of planDatabase(target, null)) {
    const statements =
      step.name === 'install-extensions'
        ? [
            "SELECT set_config('search_path', 'public', true)",
            ...step.names.map((e) => `CREATE EXTENSION IF NOT EXISTS ${pg.escapeIdentifier(e)}`),
          ]
        : step.statements;
    if (INSIDE.has(step.name)) inside.push(statements.join(';\n'));
    else await admin.query(statements.join(';\n'));
  }
  const url = new URL(product.adminDsn);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  for (const batch of inside) await client.query(batch);
  await client.end();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export async function benchCreateDatabase(product: Product, name: string, bar: string): Promise<Row[]> {
  const admin = new pg.Client({ connectionString: product.adminDsn });
  await admin.connect();
  const raw: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    await product.idle();
    const a = await timed(() => createBySql(product, admin, `raw-${round}`));
    await product.idle();
    const b = await timed(() => createByApi(product, `ours-${round}`));
    if (round < WARM_UP) continue;
    raw.push(a);
    ours.push(b);
  }
  await admin.end();
  const ratio = median(ours) / median(raw);
  return [
    {
      name,
      raw: ms(median(raw)),
      ours: ms(median(ours)),
      ratio: ratio.toFixed(2),
      bar,
    },
  ];
}
