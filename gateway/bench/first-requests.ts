/** How long the first request of a tenant takes that nobody asked for before, and the ones after it. */
import { Gateway } from '../src/tenants/gateway.ts';
import { benchSettings } from './database.ts';
import { median, type Row } from './row.ts';

const WARM_REQUESTS = 50;

export async function benchFirstRequests(dsns: readonly string[]): Promise<Row[]> {
  const gateway = new Gateway();
  const cold: number[] = [];
  const warm: number[] = [];
  try {
    for (const [index, dsn] of dsns.entries()) {
      const id = `tenant_${index}`;
      await gateway.setTenant(id, await benchSettings(dsn));
      cold.push(await timeRequest(gateway, id));
      for (let request = 0; request < WARM_REQUESTS; request += 1) warm.push(await timeRequest(gateway, id));
    }
  } finally {
    await gateway.close();
  }
  const row = (name: string, values: readonly number[], bar: string): Row => {
    return { name, raw: '–', ours: `${median(values).toFixed(1)} ms`, ratio: '–', bar };
  };
  return [
    row(`first request of a cold tenant (${cold.length})`, cold, 'below 150 ms'),
    row('request of a warm tenant', warm, 'below 5 ms'),
  ];
}

async function timeRequest(gateway: Gateway, id: string): Promise<number> {
  const startedAt = performance.now();
  const request = {
    method: 'GET',
    url: '/items?id=eq.4711',
    headers: {},
    body: Buffer.alloc(0),
    remoteAddress: null,
  };
  const { status } = await gateway.handle(id, request);
  if (status !== 200) throw new Error(`unexpected status ${status}`);
  return performance.now() - startedAt;
}
