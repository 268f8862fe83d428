import { expect, test } from 'vitest';
import { approximateSize } from './approximate-size.ts';

test('grows with what is inside, and counts shared things once', () => {
  const column = { name: 'a', type: 'text' };
  const one = approximateSize(new Map([['t', [column]]]));
  expect(one).toBeGreaterThan(50);
  expect(approximateSize(new Map([['t', [column, column]]]))).toBe(one + 8);
  expect(approximateSize(new Map([['t', [column, { name: 'b', type: 'text' }]]]))).toBeGreaterThan(one + 24);
  expect(approximateSize('x'.repeat(1_000))).toBeGreaterThan(1_000);
});

test('bears cycles and depth', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  expect(approximateSize(cycle)).toBeLessThan(100);
  let deep: unknown = null;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(approximateSize(deep)).toBeGreaterThan(100_000);
});
