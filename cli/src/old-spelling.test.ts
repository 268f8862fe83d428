import { expect, test } from 'vitest';
import { inNewSpelling } from './old-spelling.ts';

test.each([
  'users create shop app --level write',
  'users create shop app --level=read --json',
  'users create --level write shop app',
  'users create shop app',
  'users create shop --level write',
  '--json users create shop app --level write',
  '--url http://127.0.0.1:1 users list shop',
  '--url=http://127.0.0.1:1 -q users list shop',
  'users --url http://127.0.0.1:1 ls shop',
  'users list shop --quiet',
  'users delete shop app',
  'users rm shop app -y',
  'users delete --yes shop users',
  'users rotate-password shop app --terminate-sessions',
])('%s: a database comes first, so it is `pgusers`', (line) => {
  const { words, hint } = inNewSpelling(line.split(' '));
  expect(words.join(' ')).toBe(line.replace('users', 'pgusers'));
  expect(hint).toMatch(/^hint: .*backyard pgusers (create|list|ls|delete|rm|rotate-password)$/);
});

test.each([
  '',
  'users',
  'users --help',
  'users list',
  'users list --inactive',
  '--url http://127.0.0.1:1 users list',
  'users create ada --email ada@example.com',
  'users create --email ada@example.com --rate 5 --burst 9 ada --admin',
  'users delete ada',
  'users rotate-password ada',
  'users show ada',
  'users revoke-key ada ci',
  'users update ada --username users',
  'pgusers list shop',
  'databases create users',
  'psql users --user list',
  'keys revoke users',
])('%j stays as it is', (line) => {
  const words = line.split(' ');
  expect(inNewSpelling(words)).toEqual({ words });
});
