import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { RateLimit } from '../../src/domain/rate-limit.ts';
import { openRedisBuckets, type RedisBuckets } from '../../src/drivers/redis/redis-buckets.ts';
import { openRedisConnection } from '../../src/drivers/redis/redis-connection.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { requireComponent } from '../support/require-component.ts';

const LIMIT: RateLimit = { perSecond: 1, burst: 5 };
const PASSWORD = 'right@/:#%pass';
const DEADLINE_MS = 10_000;

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function serve(config: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedisServer(config);
  endings.push(server.end);
  return server;
}

async function open(url: string): Promise<RedisBuckets> {
  const buckets = await openRedisBuckets({ url });
  endings.push(buckets.close);
  return buckets;
}

function urlWith(server: RedisServer, password: string): string {
  return server.url.replace('//', `//:${encodeURIComponent(password)}@`);
}

describe.skipIf(!requireComponent('redis-server'))('the connection to Redis', () => {
  test('down at the start is no failure of the start; it is used as soon as it is there', async () => {
    const server = await serve();
    await server.stop();
    const buckets = await open(server.url);
    await expect(buckets.take('user', LIMIT)).rejects.toMatchObject({
      code: 'redis.unusable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(buckets.ping()).rejects.toMatchObject({ code: 'redis.unusable' });
    await server.start();
    await expect
      .poll(() => buckets.take('user', LIMIT).catch(String), { timeout: DEADLINE_MS })
      .toMatchObject({ isAllowed: true });
  });

  test('hung at the start is no failure of the start either', async () => {
    const server = await serve();
    server.pause();
    const buckets = await open(server.url);
    await expect(buckets.take('user', LIMIT)).rejects.toMatchObject({ code: 'redis.unusable' });
    server.resume();
    await expect
      .poll(() => buckets.take('user', LIMIT).catch(String), { timeout: DEADLINE_MS })
      .toMatchObject({ isAllowed: true });
  });

  test('a socket that stays silent is given up for a new one', async () => {
    const server = await serve();
    const { redis, close } = await openRedisConnection(server.url);
    endings.push(close);
    const id = await redis.client('ID');
    server.pause();
    await expect(redis.get('any')).rejects.toThrow();
    server.resume();
    await expect.poll(() => redis.client('ID').catch(() => id), { timeout: DEADLINE_MS }).not.toBe(id);
  });

  test('a password is used, whatever its characters', async () => {
    const server = await serve([`requirepass "${PASSWORD}"`]);
    const buckets = await open(urlWith(server, PASSWORD));
    expect(await buckets.take('user', LIMIT)).toMatchObject({ isAllowed: true });
  });

  test('a wrong password is a fault that does not tell it', async () => {
    const server = await serve([`requirepass "${PASSWORD}"`]);
    const buckets = await open(urlWith(server, 'wrong-password-123'));
    const fault: unknown = await buckets.take('user', LIMIT).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'redis.unusable',
      message: expect.stringMatching(/WRONGPASS|invalid/),
    });
    const told = inspect(fault, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(told).not.toContain('wrong-password-123');
  });

  test('none of it outlives its end, whatever state it is in', async () => {
    const server = await serve();
    const connected = await openRedisConnection(server.url);
    const hung = await openRedisConnection(server.url);
    server.pause();
    await hung.close();
    server.resume();
    await connected.close();
    await server.stop();
    const refused = await openRedisConnection(server.url);
    await refused.close();
    await expect(refused.redis.get('any')).rejects.toThrow();
    expect([connected.redis.status, hung.redis.status]).toEqual(['end', 'end']);
  });
});

describe.skipIf(!requireComponent('redis-server', 'openssl'))('the connection to Redis by TLS', () => {
  test('works with a certificate of a known authority, and not with one of any other', async () => {
    const { certFile, keyFile } = await makeCertificate();
    const server = await serve([
      'port 0',
      'tls-port {port}',
      'tls-auth-clients no',
      `tls-cert-file ${certFile}`,
      `tls-ca-cert-file ${certFile}`,
      `tls-key-file ${keyFile}`,
    ]);
    const url = server.url.replace('redis:', 'rediss:');
    const distrustful = await open(url);
    await expect(distrustful.take('user', LIMIT)).rejects.toMatchObject({
      message: expect.stringMatching(/self-signed/),
    });
    const known = getCACertificates('default');
    setDefaultCACertificates([...known, readFileSync(certFile, 'utf8')]);
    endings.push(async () => setDefaultCACertificates(known));
    const buckets = await open(url);
    expect(await buckets.take('user', LIMIT)).toMatchObject({ isAllowed: true });
  });
});

/** One certificate, for 127.0.0.1, that is its own authority. */
async function makeCertificate(): Promise<{ certFile: string; keyFile: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'backyard-redis-tls-'));
  endings.push(() => rm(dir, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=redis'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  const args = ['req', ...options, ...names, '-keyout', keyFile, '-out', certFile];
  const { status, stderr } = spawnSync('openssl', args);
  if (status !== 0) throw new Error(stderr.toString());
  return { certFile, keyFile };
}
