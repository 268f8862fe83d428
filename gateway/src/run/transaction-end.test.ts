import { expect, test } from 'vitest';
import { chooseEnd, needsCheck } from './transaction-end.ts';

test.each([
  ['commit', null, 'COMMIT'],
  ['commit', 'rollback', 'COMMIT'],
  ['commit-allow-override', null, 'COMMIT'],
  ['commit-allow-override', 'rollback', 'ROLLBACK'],
  ['rollback', null, 'ROLLBACK'],
  ['rollback', 'commit', 'ROLLBACK'],
  ['rollback-allow-override', null, 'ROLLBACK'],
  ['rollback-allow-override', 'commit', 'COMMIT'],
] as const)('%s with tx=%s ends with %s', (dbTxEnd, preferred, expected) => {
  expect(chooseEnd(dbTxEnd, preferred)).toBe(expected);
});

const PLAN = {
  access: 'read write',
  body: { kind: 'csv' },
  maxAffected: null,
  mediaType: { type: 'text/csv', parameters: {} },
} as const;

test('only changes under a condition wait for their result', () => {
  const object = { type: 'application/vnd.pgrst.object+json', parameters: {} };
  expect(needsCheck(PLAN, { action: 'insert' })).toBe(false);
  expect(needsCheck({ ...PLAN, maxAffected: 1 }, { action: 'update' })).toBe(true);
  expect(needsCheck({ ...PLAN, mediaType: object }, { action: 'insert' })).toBe(true);
  expect(needsCheck(PLAN, { action: 'single-upsert' })).toBe(true);
  expect(needsCheck({ ...PLAN, access: 'read only', mediaType: object }, { action: 'read' })).toBe(false);
});
