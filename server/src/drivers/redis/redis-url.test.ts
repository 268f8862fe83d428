import { describe, expect, test } from 'vitest';
import { isFault } from '../../kernel/fault.ts';
import { parseRedisUrl } from './redis-url.ts';

describe('REDIS_URL', () => {
  test('has a host, and defaults for the rest', () => {
    expect(parseRedisUrl('redis://localhost')).toEqual({ host: 'localhost', port: 6379, db: 0 });
    expect(parseRedisUrl('redis://localhost/')).toEqual({ host: 'localhost', port: 6379, db: 0 });
    expect(parseRedisUrl('redis://[::1]:7000/3')).toEqual({ host: '::1', port: 7000, db: 3 });
  });

  test('may carry a user and a password, with any characters in them', () => {
    expect(parseRedisUrl('redis://:p%40ss%2F@h')).toMatchObject({ password: 'p@ss/' });
    expect(parseRedisUrl('redis://:p%40ss%2F@h')).not.toHaveProperty('username');
    expect(parseRedisUrl('redis://me:secret@h:1')).toMatchObject({ username: 'me', password: 'secret' });
  });

  test('rediss is TLS, with the name of the host to ask for', () => {
    expect(parseRedisUrl('rediss://cache.example.com')).toMatchObject({
      tls: { servername: 'cache.example.com' },
    });
    expect(parseRedisUrl('rediss://10.0.0.1').tls).toEqual({});
    expect(parseRedisUrl('redis://cache.example.com')).not.toHaveProperty('tls');
  });

  test('anything else is a fault that says what is wrong, and never repeats the password', () => {
    const wrong = [
      'localhost:6379',
      'http://:hidden@localhost',
      'redis://',
      'redis:///0',
      'redis://:hidden@host:notaport',
      'redis://:hidden@host/zero',
      'redis://:hidden@host/0/1',
      'redis://:hidden@host?enableOfflineQueue=true',
      'redis://:hidden@host/0#x',
      'redis://:hidden%zz@host',
      '',
    ];
    for (const url of wrong) {
      let fault: unknown;
      try {
        parseRedisUrl(url);
      } catch (error) {
        fault = error;
      }
      expect(isFault(fault, 'config.redis-url'), url).toBe(true);
      const { message, stack } = fault as Error;
      expect(message).toMatch(/^REDIS_URL (must|has) .+\.$/);
      expect(`${stack} ${JSON.stringify(fault)}`).not.toContain('hidden');
    }
  });
});
