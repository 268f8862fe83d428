import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigFault } from '../config/config-fault.ts';
import { connectionConfig } from './connection-config.ts';
import { parseConnectionString } from './connection-string.ts';

function parsed(text: string): Record<string, string> {
  return Object.fromEntries(parseConnectionString(text));
}

test.each([
  ['postgres://u:p@h:6432/d', { user: 'u', password: 'p', host: 'h', port: '6432', dbname: 'd' }],
  ['postgresql://', {}],
  ['postgresql:///d?host=/run/pg&user=u', { dbname: 'd', host: '/run/pg', user: 'u' }],
  ['postgres://u@[::1]:5433/d', { user: 'u', host: '::1', port: '5433', dbname: 'd' }],
  ['postgres://u:?a#b%40@h/d', { user: 'u', password: '?a#b@', host: 'h', dbname: 'd' }],
  ['postgres://u:p:q@h', { user: 'u', password: 'p:q', host: 'h' }],
  ['postgres://%2Frun%2Fpg/d?options=-c%20a%3Db', { host: '/run/pg', dbname: 'd', options: '-c a=b' }],
  [
    "host = h port=1 password='a \\'b\\\\' dbname=d",
    { host: 'h', port: '1', password: "a 'b\\", dbname: 'd' },
  ],
  ["user='' host=x", { user: '', host: 'x' }],
])('%s', (text, expected) => {
  expect(parsed(text)).toEqual(expected);
});

test.each(['hunter2', 'postgres://h/d?x', 'postgres://%zz@h', "host='x", 'a=b c'])(
  '%s is refused, without being repeated',
  (text) => {
    expect(() => parsed(text)).toThrow(ConfigFault);
    expect(() => parsed(text)).not.toThrow(text);
  },
);

test('every password survives both notations', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
      const quoted = password.replace(/[\\']/g, '\\$&');
      expect(parsed(`host=h password='${quoted}'`)).toEqual({ host: 'h', password });
      fc.pre(password.isWellFormed());
      expect(parsed(`postgres://u:${encodeURIComponent(password)}@h`).password).toBe(password);
    }),
  );
});

const STRANGER = { isOperators: false };

test("a tenant's text fills no gap from this process", () => {
  const config = connectionConfig('postgres://u@h', STRANGER);
  expect(config).toMatchObject({ user: 'u', host: 'h', port: 5432, database: 'u', ssl: false });
  expect(config.password).toBeTypeOf('function');
  expect(connectionConfig('postgres://h/d', { isOperators: true })).not.toHaveProperty('user');
});

test.each([
  ['postgres://h/d', 'db-uri names no user'],
  ['postgres://u@h/d?sslrootcert=/etc/passwd', 'db-uri sets sslrootcert'],
  ['user=u passfile=/root/.pgpass', 'db-uri sets passfile'],
  ['postgres://u@a,b/d', 'several hosts'],
  ['postgres://u@h:0/d', 'no port'],
  ['postgres://u@h/d?sslmode=maybe', 'unknown sslmode'],
])('%s is refused of a tenant', (text, message) => {
  expect(() => connectionConfig(text, STRANGER)).toThrow(message);
});

test('sslmode means what it means to libpq', () => {
  const ssl = (mode: string) => connectionConfig(`postgres://u@h/d?sslmode=${mode}`, STRANGER).ssl;
  expect(ssl('prefer')).toBe(false);
  expect(ssl('require')).toMatchObject({ rejectUnauthorized: false });
  expect(ssl('verify-ca')).toMatchObject({
    rejectUnauthorized: true,
    checkServerIdentity: expect.anything(),
  });
  expect(ssl('verify-full')).toEqual({ rejectUnauthorized: true });
});
