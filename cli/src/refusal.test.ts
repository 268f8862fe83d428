import { expect, test } from 'vitest';
import { refusal } from './refusal.ts';

const asked = { url: new URL('http://yard.example/api/databases'), withCredential: true };

function refused(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return refusal({ status, text, headers: new Headers(headers) }, asked);
}

test.each([
  [400, 2],
  [401, 3],
  [403, 6],
  [404, 4],
  [409, 5],
  [413, 2],
  [415, 2],
  [422, 2],
  [429, 8],
  [500, 1],
  [503, 1],
  [418, 1],
  [302, 1],
])('status %d ends with exit code %d', (status, exitCode) => {
  expect(refused(status, { error: 'Why' }).exitCode).toBe(exitCode);
  expect(refused(status, '<html>').exitCode).toBe(exitCode);
});

test('the text of the server is the message', () => {
  expect(refused(409, { error: "Database name 'shop' is already taken." }).message).toBe(
    "Database name 'shop' is already taken.",
  );
  expect(refused(404, { message: 'API key not found', detail: 'API key not found' }).message).toBe(
    'API key not found.',
  );
});

test('a refused credential says what to do; a refused password only what the server says', () => {
  const body = { message: 'Invalid username or password', detail: 'x' };
  expect(refused(401, body).message).toContain('Run `backyard login`.');
  const answer = { status: 401, text: JSON.stringify(body), headers: new Headers() };
  expect(refusal(answer, { ...asked, withCredential: false }).message).toBe('Invalid username or password.');
});

test('a fault of the server names the request in its log', () => {
  expect(refused(500, { error: 'Internal server error' }, { 'x-request-id': 'r-7' }).message).toBe(
    'http://yard.example answered 500: Internal server error. Its log tells more under request r-7.',
  );
});

test('too many requests say how long to wait', () => {
  expect(refused(429, {}, { 'retry-after': '6' }).message).toContain('Try again in 6 s.');
  expect(refused(429, {}).message).toContain('Try again later.');
});

test('a redirect is named, not followed', () => {
  expect(refused(301, '', { location: 'https://yard.example/' }).message).toBe(
    'http://yard.example redirects to https://yard.example/: name that address with --url.',
  );
});

test('a word for programs is kept, and the words for people are shown', () => {
  const body = { error: 'slow_down', message: 'Ask less often', detail: 'Ask less often' };
  expect(refused(400, body)).toMatchObject({ status: 400, reason: 'slow_down', message: 'Ask less often.' });
});

const email = {
  type: 'value_error',
  loc: ['body', 'email'],
  msg: 'value is not a valid email address: no @',
};
const limit = { type: 'int_type', loc: ['query', 'limit'], msg: 'Input should be a valid integer' };
const nested = { type: 'x', loc: ['body', 'tags', 0], msg: 'not \u001b[2J that' };
const whole = { type: 'missing', loc: ['body'], msg: 'Field required' };

test.each([
  [[email], 'email: value is not a valid email address: no @.'],
  [[whole], 'body: Field required.'],
  [
    [email, limit, nested],
    'several values are refused:\n' +
      '  email: value is not a valid email address: no @\n' +
      '  limit: Input should be a valid integer\n' +
      '  tags.0: not  [2J that',
  ],
  [[], 'first: words.'],
  [[{ msg: 'x' }], 'first: words.'],
  ['Username already exists', 'first: words.'],
])('the fields at fault in %j are named', (detail, message) => {
  expect(refused(422, { message: 'first: words', detail }).message).toBe(message);
});

test.each([
  ['{"error":"a\\u001b[2Jb"}', 'a [2Jb.'],
  ['{"detail":"Not Found"}', 'Not Found.'],
  ['{"detail":[{"msg":"x"}]}', 'http://yard.example answered 400.'],
  ['{"error":""}', 'http://yard.example answered 400.'],
  ['null', 'http://yard.example answered 400.'],
  ['<html>', 'http://yard.example answered 400.'],
])('what %s says is %j', (body, expected) => {
  expect(refused(400, body).message).toBe(expected);
});
