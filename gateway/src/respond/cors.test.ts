import { describe, expect, it } from 'vitest';
import { corsEntries, presentPreflight } from './cors.ts';

const everyone = { serverCorsAllowedOrigins: null };
const some = { serverCorsAllowedOrigins: ['https://a.example', 'https://b.example'] };

const preflight = (
  headers: Record<string, string>,
  settings: typeof everyone | typeof some,
  method = 'OPTIONS',
) =>
  presentPreflight(
    { method, headers: { origin: 'https://a.example', 'access-control-request-method': 'POST', ...headers } },
    settings,
  );

describe('presentPreflight', () => {
  it('lets everyone in by default', () => {
    const asked = { 'access-control-request-headers': 'content-type, X-One,x-one,accept' };
    expect(preflight(asked, everyone)).toEqual({
      status: 200,
      headers: {
        'access-control-allow-headers':
          'Authorization, content-type, X-One, accept, Accept-Language, Content-Language',
        'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD',
        'access-control-allow-origin': '*',
        'access-control-max-age': '86400',
        'content-length': '0',
      },
      body: null,
    });
  });

  it('names the origin where only some are let in', () => {
    expect(preflight({}, some)?.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
    });
  });

  it('is none for another origin, another method, or a plain OPTIONS', () => {
    expect(preflight({ origin: 'https://c.example' }, some)).toBeUndefined();
    expect(preflight({}, everyone, 'GET')).toBeUndefined();
    expect(presentPreflight({ method: 'OPTIONS', headers: { origin: 'x' } }, everyone)).toBeUndefined();
  });

  it('echoes nothing that is no header name', () => {
    const headers = preflight({ 'access-control-request-headers': 'a b, x\u0000y, ok' }, everyone)?.headers;
    expect(headers?.['access-control-allow-headers']).toBe(
      'Authorization, ok, Accept, Accept-Language, Content-Language',
    );
  });
});

describe('corsEntries', () => {
  it('is nothing when no page asks, or one that may not', () => {
    expect(corsEntries({}, everyone)).toEqual([]);
    expect(corsEntries({ origin: 'https://c.example' }, some)).toEqual([]);
  });

  it('exposes what a client needs to page', () => {
    const entries = new Map(corsEntries({ origin: 'https://b.example' }, some));
    expect(entries.get('access-control-allow-origin')).toBe('https://b.example');
    expect(entries.get('access-control-expose-headers')).toContain('Content-Range');
  });
});
