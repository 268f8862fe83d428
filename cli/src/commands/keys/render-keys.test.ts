import { expect, test } from 'vitest';
import { renderTable } from '../../output/table.ts';
import { keyColumns, renderScopes } from './render-keys.ts';

test('a key shows what it may do, and never more of itself than its beginning', () => {
  const now = new Date().toISOString();
  const key = {
    id: 7,
    name: 'ci',
    prefix: 'sk_live_abc',
    scopes: ['read', 'database:write'],
    created_at: now,
    last_used_at: null,
    expires_at: null,
  };
  expect(
    renderTable(
      keyColumns(() => '-'),
      [key],
    ),
  ).toBe(
    'ID  NAME  KEY           SCOPES                CREATED   LAST USED  EXPIRES  REVOKED\n' +
      '7   ci    sk_live_abc…  read, database:write  just now  -          -        -',
  );
});

test.each([
  [null, 'all'],
  [[], 'none'],
  [['read'], 'read'],
])('the scopes %j are shown as %s', (scopes, expected) => {
  expect(renderScopes(scopes)).toBe(expected);
});
