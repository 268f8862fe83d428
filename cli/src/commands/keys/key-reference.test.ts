import { expect, test } from 'vitest';
import { getByReference } from '../../reference.ts';
import { keyNaming, keysThatMayBeMeant } from './key-reference.ts';

const keys = [
  { id: 3, name: 'ci', isRevoked: false },
  { id: 2, name: 'ci', isRevoked: true },
  { id: 1, name: 'old', isRevoked: true },
];

function idMeantBy(reference: string): number {
  const candidates = keysThatMayBeMeant(keys, (key) => key.isRevoked, reference);
  return getByReference(keyNaming, candidates, reference).id;
}

test('a name means the key that works, an id that very key', () => {
  expect(idMeantBy('ci')).toBe(3);
  expect(idMeantBy('2')).toBe(2);
  expect(() => idMeantBy('old')).toThrow(expect.objectContaining({ exitCode: 4 }));
});
