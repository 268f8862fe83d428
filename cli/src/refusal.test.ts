import { expect, test } from 'vitest';
import { errorText, refusal } from './refusal.ts';

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
  [429, 1],
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

test.each([
  ['{"error":"a\\u001b[2Jb"}', 'a [2Jb'],
  ['{"detail":[{"msg":"x"}]}', undefined],
  ['{"error":""}', undefined],
  ['null', undefined],
  ['<html>', undefined],
])('the text in %s is %j', (body, expected) => {
  expect(errorText(body)).toBe(expected);
});
