import { expect, test } from 'vitest';
import { renderStatus } from './render-database.ts';

test('a deleted database says when it will be gone', () => {
  const nowMs = Date.parse('2031-05-05T12:00:00Z');
  expect(renderStatus({ status: 'active', purge_after: null }, nowMs)).toBe('active');
  expect(renderStatus({ status: 'soft_deleted', purge_after: '2031-05-12T12:00:00Z' }, nowMs)).toBe(
    'soft_deleted (purged in 7 days)',
  );
});
