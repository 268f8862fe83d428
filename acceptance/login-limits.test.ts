/** Attempts to sign in: counted by address before anything is read. Contract orchestrator, section 4.3. */
import { describe, expect, test } from 'vitest';
import { type Answer, exchange } from './support/api.ts';
import { adminPassword, type Product, useProducts } from './support/product.ts';
import { until } from './support/until.ts';

const products = useProducts();
const LIMITS = { LOGIN_RATE_LIMIT_PER_MINUTE: undefined, LOGIN_RATE_LIMIT_BURST: undefined };

function attempt(product: Product, headers: Record<string, string> = {}, raw?: string): Promise<Answer> {
  return exchange(product.url, {
    method: 'POST',
    path: '/api/v1/auth/login',
    raw: raw ?? JSON.stringify({ username: 'nobody', password: 'wrong' }),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function statuses(
  product: Product,
  count: number,
  headers?: Record<string, string>,
): Promise<number[]> {
  const found = [];
  for (let i = 0; i < count; i++) found.push((await attempt(product, headers)).status);
  return found;
}

describe('attempts to sign in', () => {
  test('five at once, then one each six seconds; nothing is read of what is refused', async () => {
    const product = await products.up({ env: LIMITS });
    expect(await statuses(product, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    // Neither a body that is no JSON nor the right password gets further.
    const right = JSON.stringify({ username: 'admin', password: adminPassword });
    const refused = [await attempt(product, {}, '{'), await attempt(product, {}, right)];
    for (const { status, body, headers } of refused) {
      expect([status, body]).toEqual([
        429,
        { message: 'Rate limit exceeded', detail: 'Rate limit exceeded' },
      ]);
      expect(headers['x-ratelimit-limit']).toBe('10');
      expect(headers['ratelimit-policy']).toBe('"login";q=5;w=30');
      expect(headers['x-ratelimit-remaining']).toBe('0');
    }
    const wait = Number(refused[1]?.headers['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(6);
    const since = performance.now();
    await until(() => performance.now() - since >= wait * 1000, {
      what: 'the wait is over',
      timeoutMs: 10_000,
    });
    expect((await attempt(product, {}, right)).status).toBe(200);
  });

  test('a forwarded address counts only from a proxy that is listed', async () => {
    const product = await products.up({ env: LIMITS });
    const forged = await Promise.all(
      Array.from({ length: 10 }, (_, i) => attempt(product, { 'x-forwarded-for': `192.0.2.${i}` })),
    );
    expect(forged.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  test('behind a proxy the client is the last address that is no proxy’s; a /64 is one client', async () => {
    const product = await products.up({ env: { ...LIMITS, TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } });
    const by = (list: string) => ({ 'x-forwarded-for': list });
    expect(await statuses(product, 6, by('192.0.2.1'))).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await statuses(product, 1, by('192.0.2.2'))).toEqual([401]);
    // What the client itself wrote stands before the address that the proxy saw.
    expect(await statuses(product, 1, by('198.51.100.9, 192.0.2.1'))).toEqual([429]);
    expect(await statuses(product, 1, by('192.0.2.1, 10.1.2.3'))).toEqual([429]);
    expect(await statuses(product, 5, by('2001:db8:1:2::1'))).toEqual([401, 401, 401, 401, 401]);
    expect(await statuses(product, 1, by('2001:db8:1:2:ffff::9'))).toEqual([429]);
    expect(await statuses(product, 1, by('2001:db8:1:3::1'))).toEqual([401]);
  });
});
