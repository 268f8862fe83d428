import { expect, test } from 'vitest';
import { chooseTarget, isExposed, parseBaseUrl } from './target.ts';

const stored = { url: 'https://a.example', token: 'stored-token', username: 'ada' };

test('an option goes before the environment, that before the stored sign-in, that before the default', () => {
  const environment = { BACKYARD_URL: 'http://b.example' };
  expect(chooseTarget('http://c.example', environment, stored).baseUrl).toBe('http://c.example');
  expect(chooseTarget(undefined, environment, stored).baseUrl).toBe('http://b.example');
  expect(chooseTarget(undefined, {}, stored).baseUrl).toBe('https://a.example');
  expect(chooseTarget(undefined, {}, undefined).baseUrl).toBe('http://127.0.0.1:8080');
});

test('a stored token goes to the server that gave it and to no other', () => {
  expect(chooseTarget(undefined, {}, stored).token).toBe('stored-token');
  expect(chooseTarget('https://a.example/', {}, stored).token).toBe('stored-token');
  expect(chooseTarget('http://a.example', {}, stored).token).toBeUndefined();
  expect(chooseTarget('https://a.example.evil.example', {}, stored).token).toBeUndefined();
});

test('a token of the environment goes before the stored one', () => {
  expect(chooseTarget(undefined, { BACKYARD_TOKEN: ' sk_live_x\n' }, stored).token).toBe('sk_live_x');
});

test('a broken token is refused without being shown', () => {
  const choose = () => chooseTarget(undefined, { BACKYARD_TOKEN: 'sk_live\n_secret' }, undefined);
  expect(choose).toThrow(expect.objectContaining({ exitCode: 2 }));
  expect(choose).toThrow(/^(?!.*secret)/s);
});

test.each([
  ['https://Example.com/', 'https://example.com'],
  ['http://example.com:80/backyard//', 'http://example.com/backyard'],
  ['http://[::1]:8080', 'http://[::1]:8080'],
])('%s is the address %s', (text, expected) => {
  expect(parseBaseUrl(text)).toBe(expected);
});

test.each([
  'example.com',
  'ftp://example.com',
  'http://ada:secret@example.com',
  'http://example.com/?a=b',
  '',
])('%j is no address', (text) => {
  expect(() => parseBaseUrl(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test.each([
  ['http://127.0.0.1:8080', false],
  ['http://localhost:1', false],
  ['http://[::1]:1', false],
  ['https://example.com', false],
  ['http://example.com', true],
  ['http://192.168.0.7', true],
])('a password for %s can be read on the way: %s', (baseUrl, expected) => {
  expect(isExposed(baseUrl)).toBe(expected);
});
