import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tenantSettings } from '../request/test-requests.ts';
import { createReadContext, rowsName } from './read-scope.ts';
import { emptyCache } from './test-cache.ts';

test('no two names of rows are the same, and all fit into an identifier', () => {
  const part = fc.constantFrom('a', 'a_1', 'a_2', 'a_1_rows', 'a_1_2', 'a_1_2_rows', 'é'.repeat(31), 'rows');
  const wanted = fc.array(fc.tuple(part, fc.integer({ min: 1, max: 3 })), { maxLength: 8 });
  fc.assert(
    fc.property(part, wanted, (root, wishes) => {
      const { takeAlias } = createReadContext(emptyCache(), tenantSettings(), 'api', true, root);
      const aliases = wishes.map(([name, depth]) => takeAlias(name, depth));
      const names = [root, ...aliases, ...aliases.map(rowsName)];
      expect(new Set(names).size).toBe(names.length);
      expect(names.every((name) => Buffer.byteLength(name) <= 63)).toBe(true);
    }),
  );
});

test('the first at a depth is called by it', () => {
  const { takeAlias } = createReadContext(emptyCache(), tenantSettings(), 'api', true, 'works');
  expect([takeAlias('artists', 1), takeAlias('works', 2), takeAlias('artists', 1)]).toEqual([
    'artists_1',
    'works_2',
    'artists_1_2',
  ]);
});
