import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { RestFault } from '../fault.ts';
import { type FaultContext, presentFault } from './fault-response.ts';

const context: FaultContext = {
  isAnonymous: false,
  isHead: false,
  headers: {},
  settings: { serverCorsAllowedOrigins: null },
};

function databaseError(code: string, message = 'm', more: { detail?: string; hint?: string } = {}) {
  return Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code, ...more });
}

const present = (error: unknown, changes: Partial<FaultContext> = {}) => {
  const { status, headers, body } = presentFault(error, { ...context, ...changes });
  return { status, headers, body: body === null ? null : (JSON.parse(String(body)) as unknown) };
};

describe('a fault', () => {
  it('is its envelope, with its headers', () => {
    const fault = new RestFault(401, 'PGRST302', 'Anonymous access is disabled', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
    expect(presentFault(fault, context)).toEqual({
      status: 401,
      headers: {
        'content-length': '87',
        'content-type': 'application/json; charset=utf-8',
        'proxy-status': 'PostgREST; error=PGRST302',
        'www-authenticate': 'Bearer',
      },
      body: '{"code":"PGRST302","details":null,"hint":null,"message":"Anonymous access is disabled"}',
    });
  });

  it('shows its head only to HEAD', () => {
    expect(present(new RestFault(404, 'PGRST205', 'x'), { isHead: true }).body).toBeNull();
  });

  it('can be read by pages of other origins', () => {
    const { headers } = present(new RestFault(404, 'PGRST205', 'x'), { headers: { origin: 'https://a' } });
    expect(headers['access-control-allow-origin']).toBe('*');
  });
});

describe('an error of Postgres', () => {
  it('is passed on', () => {
    const error = databaseError('23505', 'duplicate key', { detail: 'Key (id)=(1) exists.', hint: 'h' });
    const { status, body } = present(error);
    expect(status).toBe(409);
    expect(body).toEqual({
      code: '23505',
      details: 'Key (id)=(1) exists.',
      hint: 'h',
      message: 'duplicate key',
    });
  });

  it.each([
    ['08006', 503],
    ['09000', 500],
    ['0L000', 403],
    ['0P000', 403],
    ['21000', 500],
    ['22P02', 400],
    ['22023', 400],
    ['23502', 400],
    ['23503', 409],
    ['23505', 409],
    ['23514', 400],
    ['25006', 405],
    ['25P02', 500],
    ['28000', 403],
    ['2D000', 500],
    ['38000', 500],
    ['39000', 500],
    ['3B000', 500],
    ['40001', 500],
    ['42501', 403],
    ['42601', 400],
    ['42883', 404],
    ['42P01', 404],
    ['42P17', 500],
    ['53200', 503],
    ['53400', 500],
    ['54001', 500],
    ['55006', 500],
    ['57014', 500],
    ['57P01', 503],
    ['58000', 500],
    ['F0000', 500],
    ['HV000', 500],
    ['P0001', 400],
    ['P0002', 500],
    ['XX000', 500],
    ['ZZ123', 400],
    ['PT402', 402],
    ['PT099', 500],
    ['PTabc', 500],
  ])('%s is %i', (code, status) => {
    expect(present(databaseError(code)).status).toBe(status);
  });

  it.each([
    ['21000', 'DELETE requires a WHERE clause', 400],
    ['22023', 'role "nobody" does not exist', 401],
    ['42883', 'function xmlagg(xml) does not exist', 406],
  ])('%s "%s" is %i', (code, message, status) => {
    expect(present(databaseError(code, message)).status).toBe(status);
  });

  it('asks only the anonymous to sign in', () => {
    const refused = databaseError('42501');
    expect(present(refused, { isAnonymous: true })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
    });
    expect(present(refused).headers).not.toHaveProperty('www-authenticate');
  });

  it('says when to come again', () => {
    expect(present(databaseError('53300')).headers['retry-after']).toBe('1');
    expect(present(databaseError('57014')).headers).not.toHaveProperty('retry-after');
  });
});

describe('RAISE SQLSTATE PGRST', () => {
  const message = '{"code":"123","message":"Payment Required","details":"d","hint":"h"}';

  it('writes the whole answer', () => {
    const detail = '{"status":402,"status_text":"Pay","headers":{"X-Powered-By":"Nerd Rage"}}';
    const { status, headers, body } = present(databaseError('PGRST', message, { detail }));
    expect([status, headers['x-powered-by']]).toEqual([402, 'Nerd Rage']);
    expect(body).toEqual({ code: '123', details: 'd', hint: 'h', message: 'Payment Required' });
  });

  it.each([
    ['no', undefined, "Invalid JSON value for MESSAGE: 'no'"],
    ['{"code":1,"message":"x"}', '{}', `Invalid JSON value for MESSAGE: '{"code":1,"message":"x"}'`],
    [message, undefined, 'DETAIL is missing in the RAISE statement'],
    [message, '{"status":402}', `Invalid JSON value for DETAIL: '{"status":402}'`],
    [message, '{"status":"402","headers":{}}', /^Invalid JSON value for DETAIL/],
    [message, '{"status":1,"headers":{}}', /^Invalid JSON value for DETAIL/],
    [message, '{"status":402,"headers":{"a":"b\\r\\nc: d"}}', /^Invalid JSON value for DETAIL/],
    [message, '{"status":402,"headers":{"a":1}}', /^Invalid JSON value for DETAIL/],
  ])('%s with %s is 500 PGRST121', (text, detail, details) => {
    const error = databaseError('PGRST', text, detail === undefined ? {} : { detail });
    const { status, body } = present(error);
    expect(status).toBe(500);
    expect(body).toMatchObject({
      code: 'PGRST121',
      details: typeof details === 'string' ? details : expect.stringMatching(details),
      message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`,
    });
  });
});

describe('what nobody expected', () => {
  it('shows nothing of the inside', () => {
    for (const error of [new TypeError('secret'), 'secret', undefined, { code: 'secret' }]) {
      const { status, body } = present(error);
      expect(status).toBe(500);
      expect(body).toMatchObject({ code: 'PGRSTX00', details: null });
      expect(JSON.stringify(body)).not.toContain('secret');
    }
  });

  it('a connection that was not made is 503 PGRST000', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
    const { status, headers, body } = present(error);
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(body).toMatchObject({ code: 'PGRST000' });
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
  });
});
