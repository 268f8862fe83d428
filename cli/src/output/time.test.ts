import { expect, test } from 'vitest';
import { relativeTime, relativeTimeOrDash } from './time.ts';

const nowMs = Date.parse('2031-05-05T12:00:00Z');

test.each([
  ['2031-05-05T11:59:31Z', 'just now'],
  ['2031-05-05T12:00:31Z', 'in less than a minute'],
  ['2031-05-05T11:57:00Z', '3 minutes ago'],
  ['2031-05-05T11:00:00Z', '1 hour ago'],
  ['2031-05-12T11:59:59.900Z', 'in 7 days'],
  ['2031-03-05T12:00:00Z', '2 months ago'],
  ['2029-05-05T12:00:00Z', '2 years ago'],
  ['no time', 'no time'],
])('%s is %s', (timestamp, expected) => {
  expect(relativeTime(timestamp, nowMs)).toBe(expected);
});

test('a time that never was is a dash', () => {
  expect(relativeTimeOrDash(null)).toBe('-');
  expect(relativeTimeOrDash(new Date().toISOString())).toBe('just now');
});
