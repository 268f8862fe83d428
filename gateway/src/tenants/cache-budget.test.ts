import { expect, test } from 'vitest';
import { CacheBudget } from './cache-budget.ts';

function holders(dropped: string[], ...names: string[]) {
  return names.map((name) => ({ dropCache: () => dropped.push(name) }));
}

test('the least recently used caches give way to a new one', () => {
  const dropped: string[] = [];
  const [a, b, c] = holders(dropped, 'a', 'b', 'c') as [never, never, never];
  const budget = new CacheBudget(100);
  budget.put(a, 40);
  budget.put(b, 40);
  budget.touch(a);
  budget.put(c, 50);
  expect([dropped, budget.total, budget.bytesOf(b)]).toEqual([['b'], 90, 0]);
  budget.put(a, 60);
  expect([dropped, budget.total]).toEqual([['b', 'c'], 60]);
});

test('one that is too large for the budget stays, alone', () => {
  const dropped: string[] = [];
  const [a, b] = holders(dropped, 'a', 'b') as [never, never];
  const budget = new CacheBudget(100);
  budget.put(a, 10);
  budget.put(b, 500);
  expect([dropped, budget.total]).toEqual([['a'], 500]);
  budget.remove(b);
  expect(budget.total).toBe(0);
});
