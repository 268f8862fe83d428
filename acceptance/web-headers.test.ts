/** What every answer tells browsers, and whom CORS lets in. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Answer, exchange } from './support/api.ts';
import { type Product, useProduct, useProducts } from './support/product.ts';

const product = useProduct();
const products = useProducts();

function get(
  path: string,
  headers: Record<string, string> = {},
  target: Product = product(),
): Promise<Answer> {
  return exchange(target.url, { method: 'GET', path, headers });
}

function preflight(target: Product, origin: string): Promise<Answer> {
  return exchange(target.url, {
    method: 'OPTIONS',
    path: '/api/v1/users/7',
    headers: {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
}

describe('security headers', () => {
  test('stand on every answer, whatever it is', async () => {
    const paths = [
      '/health',
      '/auth/me',
      '/api/v1/none',
      '/none',
      '/docs/',
      '/',
      '/api/databases/%zz',
      '/sign-in',
    ];
    for (const path of paths) {
      const { headers } = await get(path);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['referrer-policy'], path).toBe('strict-origin-when-cross-origin');
      expect(headers['x-frame-options'], path).toBe('DENY');
      expect(headers['content-security-policy'], path).toMatch(/default-src 'none'/);
      expect(headers['content-security-policy'], path).toMatch(/frame-ancestors 'none'/);
      expect(headers['x-powered-by'], path).toBeUndefined();
      expect(headers['strict-transport-security'], path).toBeUndefined();
    }
  });

  test('stand also on answers to what is no HTTP, and to an OPTIONS', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(product().port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nno header\r\n\r\n'),
      );
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        received += chunk;
      });
      socket.once('error', reject).once('close', () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    for (const line of [
      /x-content-type-options: nosniff/i,
      /x-request-id: /i,
      /content-security-policy: /i,
    ]) {
      expect(text).toMatch(line);
    }
    expect(text).toMatch(/\{"message":"Bad Request","detail":"Bad Request"\}$/);
    const { headers } = await exchange(product().url, { method: 'OPTIONS', path: '/api/databases' });
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('let no page run a script that is not ours', async () => {
    for (const path of ['/docs/', '/sign-in']) {
      const policy = String((await get(path)).headers['content-security-policy']);
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
      expect(scripts).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  test('demand TLS where the operator says so, and documents can be turned off', async () => {
    const strict = await products.up({
      env: { HSTS_ENABLED: 'true', HSTS_MAX_AGE: '600', DOCS_ENABLED: 'false' },
    });
    const { headers } = await get('/health', {}, strict);
    expect(headers['strict-transport-security']).toBe('max-age=600');
    expect((await get('/docs/', {}, strict)).status).toBe(404);
    expect((await get('/', { accept: 'text/html' }, strict)).body).toMatchObject({ name: 'Backyard' });
    expect((await get('/api/openapi.json', {}, strict)).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  test('may read the API with credentials of their own, never with cookies', async () => {
    const { headers } = await get('/health', { origin: 'https://app.example' });
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
    expect(String(headers['access-control-expose-headers'])).toMatch(/X-RateLimit-Remaining.*X-Total-Count/);
    const asked = await preflight(product(), 'https://app.example');
    expect(asked.status).toBe(204);
    expect(String(asked.headers['access-control-allow-methods'])).toContain('PATCH');
    expect(String(asked.headers['access-control-allow-headers'])).toContain('authorization');
    expect(asked.headers['x-request-id']).toBeDefined();
  });

  test('are only those on the list, where there is one', async () => {
    const choosy = await products.up({ env: { CORS_ORIGINS: 'https://app.example, https://b.example' } });
    const listed = await get('/health', { origin: 'https://b.example' }, choosy);
    expect(listed.headers['access-control-allow-origin']).toBe('https://b.example');
    const foreign = await get('/health', { origin: 'https://evil.example' }, choosy);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    expect(
      (await preflight(choosy, 'https://evil.example')).headers['access-control-allow-origin'],
    ).toBeUndefined();
  });

  test('an OPTIONS that asks for no permission is a wrong method like any other', async () => {
    const answer = await exchange(product().url, { method: 'OPTIONS', path: '/api/databases' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
  });
});
