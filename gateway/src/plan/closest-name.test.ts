import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, findClosestName, listCloseNames } from './closest-name.ts';

test.each([
  ['film', ['films', 'roles', 'people'], 'films'],
  ['FILMS', ['films', 'filmed'], 'films'],
  ['projcts', ['projects', 'project_invoices', 'clients'], 'projects'],
  ['xyz', ['films', 'roles'], undefined],
  ['', ['films'], undefined],
  ['films', [], undefined],
])('%s of %j is %s', (wanted, names, expected) => {
  expect(findClosestName(wanted, names)).toBe(expected);
});

test('the same name is as close as can be', () => {
  const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => /[a-z0-9]/i.test(text));
  fc.assert(
    fc.property(name, fc.array(name, { maxLength: 5 }), (wanted, others) => {
      expect(listCloseNames(wanted, [...others, wanted])[0]?.score).toBe(1);
    }),
  );
});

test('edits are counted the same from both sides, and never more than the longer text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const distance = editDistance(one, other);
      expect(distance).toBe(editDistance(other, one));
      expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
      expect(distance === 0).toBe(one === other);
    }),
  );
});
