import { expect, test } from 'vitest';
import { renderSize } from './size.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 kB'],
  [7_700_000, '7.3 MB'],
  [20 * 1024 ** 3, '20 GB'],
  [5000 * 1024 ** 4, '5000 TB'],
])('%d bytes are %s', (sizeBytes, expected) => {
  expect(renderSize(sizeBytes)).toBe(expected);
});
