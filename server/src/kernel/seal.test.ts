import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveKey, keyRing, seal, unseal } from './seal.ts';

const SECRET = 'a-first-key-of-this-test-Q7v9Zx2p';
const OTHER = 'another-key-of-this-test-L4k8Wm3r';
const ring = keyRing(SECRET);
const PLACE = 'b1f0/verifier/1';

describe('seal and unseal', () => {
  test('any text comes back, from its own place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (plain, place) => {
        expect(unseal(ring, place, seal(ring, place, plain))).toBe(plain);
      }),
    );
  });

  test('neither the text nor its length class repeats: the same text seals differently each time', () => {
    const one = seal(ring, PLACE, 'swordfish');
    const other = seal(ring, PLACE, 'swordfish');
    expect(one.equals(other)).toBe(false);
    expect(one.includes('swordfish')).toBe(false);
    // Not even the wrapped data keys are the same.
    expect(one.subarray(5, 65).equals(other.subarray(5, 65))).toBe(false);
  });

  test('a sealed value that was copied to another place does not open', () => {
    const sealed = seal(ring, 'b1f0/verifier/1', 'swordfish');
    for (const place of ['b1f0/verifier/2', 'b1f1/verifier/1', 'b1f0/token/1', '']) {
      expect(() => unseal(ring, place, sealed)).toThrow(/authenticate/);
    }
  });

  test('one changed bit anywhere is noticed', () => {
    const sealed = seal(ring, PLACE, 'swordfish');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: sealed.length * 8 - 1 }), (bit) => {
        const broken = Buffer.from(sealed);
        broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => unseal(ring, PLACE, broken)).toThrow();
      }),
    );
  });

  test('what was cut short, or is no seal at all, is noticed', () => {
    const sealed = seal(ring, PLACE, 'swordfish');
    for (let length = 0; length < sealed.length; length++) {
      expect(() => unseal(ring, PLACE, sealed.subarray(0, length))).toThrow();
    }
    expect(() => unseal(ring, PLACE, randomBytes(100))).toThrow();
  });

  test('another key does not open it, and the fault says what to look for', () => {
    const sealed = seal(ring, PLACE, 'swordfish');
    expect(() => unseal(keyRing(OTHER), PLACE, sealed)).toThrow(
      expect.objectContaining({
        code: 'seal.unknown-key',
        message: expect.stringContaining('SECRET_KEY'),
      }),
    );
  });
});

describe('the key ring', () => {
  test('opens what an earlier key sealed and seals with the current one', () => {
    const sealedBefore = seal(ring, PLACE, 'swordfish');
    const turned = keyRing(OTHER, [SECRET]);
    expect(unseal(turned, PLACE, sealedBefore)).toBe('swordfish');
    const sealedNow = seal(turned, PLACE, 'swordfish');
    expect(unseal(keyRing(OTHER), PLACE, sealedNow)).toBe('swordfish');
    expect(() => unseal(ring, PLACE, sealedNow)).toThrow(
      expect.objectContaining({ code: 'seal.unknown-key' }),
    );
  });

  test('the key of one purpose says nothing about that of another', () => {
    const keys = ['seal', 'jwt', ''].map((purpose) => deriveKey(SECRET, purpose).toString('hex'));
    expect(new Set(keys).size).toBe(3);
    expect(keys.every((key) => key.length === 64)).toBe(true);
    expect(deriveKey(SECRET, 'jwt').toString('hex')).toBe(keys[1]);
  });
});
