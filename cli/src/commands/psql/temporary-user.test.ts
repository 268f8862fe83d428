import { expect, test } from 'vitest';
import { temporaryName, withoutPassword } from './temporary-user.ts';

test('a temporary name is one that the server takes, and differs each time', () => {
  const names = Array.from({ length: 200 }, temporaryName);
  for (const name of names) expect(name).toMatch(/^cli_[a-z0-9]{6}$/);
  expect(new Set(names).size).toBe(names.length);
});

test('the connection string for psql has everything but the password', () => {
  expect(withoutPassword('postgresql://cli_x:s3-cr_t@127.0.0.1:5432/shop?sslmode=prefer')).toBe(
    'postgresql://cli_x@127.0.0.1:5432/shop?sslmode=prefer',
  );
});
