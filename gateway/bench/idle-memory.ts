/** What a thousand tenants cost that nobody asks for. Runs by itself, with --expose-gc. */
import { Gateway } from '../src/tenants/gateway.ts';
import { receive } from './child.ts';
import { benchSettings } from './database.ts';

const { dsn, tenants } = await receive<{ dsn: string; tenants: number }>();

function usedBytes(): { heap: number; rss: number } {
  for (let pass = 0; pass < 4; pass += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

const gateway = new Gateway();
await gateway.setTenant('first', await benchSettings(dsn));
const before = usedBytes();
for (let index = 0; index < tenants; index += 1) {
  // Texts of their own, as from a thousand files.
  await gateway.setTenant(`tenant_${index}`, await benchSettings(`${dsn}?application_name=t${index}`));
}
const after = usedBytes();
process.send?.({
  heapPerTenant: (after.heap - before.heap) / tenants,
  rssPerTenant: (after.rss - before.rss) / tenants,
});
// The parent ends it when it has the answer.
process.on('message', () => undefined);
