import { describe, expect, it } from 'vitest';
import { TokenCache } from './token-cache.ts';

const known = (role: string) => ({
  identity: { role, claims: '{}' },
  times: { exp: null, nbf: null, iat: null },
});

describe('TokenCache', () => {
  it('lets the one go that was used longest ago', () => {
    const cache = new TokenCache(2);
    cache.add('a', known('a'));
    cache.add('b', known('b'));
    expect(cache.find('a')?.identity.role).toBe('a');
    cache.add('c', known('c'));
    expect(cache.size).toBe(2);
    expect(cache.find('b')).toBeUndefined();
    expect(cache.find('a')?.identity.role).toBe('a');
  });

  it('keeps nothing when it may hold nothing', () => {
    const cache = new TokenCache(0);
    cache.add('a', known('a'));
    expect(cache.size).toBe(0);
    expect(cache.find('a')).toBeUndefined();
  });
});
