import { describe, expect, test } from 'vitest';
import { Fault } from '../../kernel/fault.ts';
import { presentApiV1Problem } from './api-v1-problems.ts';
import { ProblemError, problemOf } from './problem.ts';

describe('what was thrown', () => {
  test('is classified by what it is', () => {
    const fault = new Fault('box.not-found', 'no such box');
    expect(problemOf(fault)).toEqual({ kind: 'fault', fault });
    expect(problemOf(new ProblemError({ kind: 'malformed-json', offset: 3 }))).toEqual({
      kind: 'malformed-json',
      offset: 3,
    });
  });

  test.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 'too-large'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'media-type'],
    ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'malformed-json'],
    ['ECONNREFUSED', 'unexpected'],
  ])('%s of the framework is %s', (code, kind) => {
    expect(problemOf(Object.assign(new Error('x'), { code }))).toMatchObject({ kind });
  });

  test.each([undefined, null, 'text', 7, {}])('%j, thrown by mistake, is our fault', (thrown) => {
    expect(problemOf(thrown)).toEqual({ kind: 'unexpected' });
  });
});

describe('problems under /api/v1', () => {
  test('carry their text for the clients of both contracts', () => {
    const unauthenticated = (reason: string) =>
      presentApiV1Problem({ kind: 'fault', fault: new Fault('unauthenticated', 'no', { reason }) });
    expect(unauthenticated('missing')).toEqual({
      status: 401,
      body: { detail: 'Missing authentication credentials', message: 'missing or malformed jwt' },
      headers: { 'www-authenticate': 'Bearer' },
    });
    const texts = [
      ['invalid-session', 'Invalid or expired token'],
      ['no-subject', 'Invalid token payload'],
      ['session-user-inactive', 'User not found or inactive'],
      ['invalid-api-token', 'Invalid or expired API token'],
      ['api-token-user-inactive', 'User account is disabled'],
    ] as const;
    for (const [reason, text] of texts) {
      expect(unauthenticated(reason)).toMatchObject({ status: 401, body: { detail: text, message: text } });
    }
  });

  test('have the statuses of the contract', () => {
    expect(presentApiV1Problem({ kind: 'method', allow: 'GET, HEAD' })).toEqual({
      status: 405,
      body: { detail: 'Method Not Allowed', message: 'Method Not Allowed' },
      headers: { allow: 'GET, HEAD' },
    });
    expect(presentApiV1Problem({ kind: 'too-large' }).status).toBe(413);
    expect(presentApiV1Problem({ kind: 'media-type' }).status).toBe(415);
    expect(presentApiV1Problem({ kind: 'not-found' }).status).toBe(404);
    expect(presentApiV1Problem({ kind: 'malformed-json', offset: 0 }).status).toBe(400);
  });

  test('a fault that nobody has words for shows nothing of itself', () => {
    const fault = new Fault('box.on-fire', 'the box at 10.0.0.7 burns', { place: '10.0.0.7' });
    for (const problem of [{ kind: 'unexpected' }, { kind: 'fault', fault }] as const) {
      expect(presentApiV1Problem(problem)).toEqual({
        status: 500,
        body: { detail: 'Internal server error', message: 'Internal server error' },
      });
    }
  });
});
