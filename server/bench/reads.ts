/** Authenticated reads against a bare route that returns the same bytes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import autocannon from 'autocannon';
import type { Product } from './product.ts';
import { median, type Row } from './row.ts';

const LIST_LENGTH = 50;
const ROUNDS = 5;
const SECONDS = 2;
const CONNECTIONS = 16;

async function startBareServer(bodies: Record<string, string>) {
  const child = spawn(process.execPath, ['server/bench/bare-server.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(bodies));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: line.toString().trim(),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function requestsPerSecond(url: string, token: string): Promise<number> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}` },
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} failed`);
  return result.requests.average;
}

async function get(product: Product, path: string): Promise<string> {
  const response = await fetch(`${product.url}${path}`, {
    headers: { authorization: `Bearer ${product.token}` },
  });
  return response.text();
}

export async function benchReads(product: Product): Promise<Row[]> {
  const listed = JSON.parse(await get(product, '/api/databases')) as { database_id: string }[];
  const [first] = listed;
  if (!first) throw new Error('there is no database to read');
  const paths = {
    [`list ${LIST_LENGTH} databases`]: `/api/databases?limit=${LIST_LENGTH}`,
    'get a database': `/api/databases/${first.database_id}`,
  };
  const rows: Row[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const bare = await startBareServer({ '/': await get(product, path) });
    const raw: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await requestsPerSecond(bare.url, product.token));
      ours.push(await requestsPerSecond(`${product.url}${path}`, product.token));
    }
    await bare.stop();
    rows.push({
      name,
      raw: `${median(raw).toFixed(0)}/s`,
      ours: `${median(ours).toFixed(0)}/s`,
      ratio: `${((100 * median(ours)) / median(raw)).toFixed(0)} %`,
      bar: 'at least 50 %',
    });
  }
  return rows;
}
