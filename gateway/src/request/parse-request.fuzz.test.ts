import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RestFault } from '../fault.ts';
import { parseRequest } from './parse-request.ts';
import { parseQuery } from './query/parse-query.ts';
import { requestOf, tenantSettings } from './test-requests.ts';

const settings = tenantSettings({ dbSchemas: ['a', 'b'], dbTxEnd: 'commit-allow-override' });
const CASES = 10_000;

/** Texts that come near to the grammar. */
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'( ) , . : :: -> ->> - ! ... " \\ { } * & = ; + % %00 %ff %F0%9F%98%80 not not. and or in. is.null'.split(
          ' ',
        ),
        ...'eq. fts( any) all) count() .sum() id name rel order limit offset select columns on_conflict asc'.split(
          ' ',
        ),
        ' ',
        '\t',
        '\n',
        '😀',
      ),
      fc.string({ maxLength: 4, unit: 'binary' }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

const urls = fc
  .tuple(fc.constantFrom('/', '/items?', '/rpc/f?', '/items/', '/rpc/f/g?'), fc.array(fc.tuple(words, words)))
  .map(([path, pairs]) => path + pairs.map(([name, value]) => `${name}=${value}`).join('&'));

const headers = fc.dictionary(
  fc.constantFrom('prefer', 'range', 'accept', 'content-type', 'accept-profile', 'content-profile', 'cookie'),
  fc.oneof(
    words,
    fc.constantFrom('a', '0-9', 'text/csv', 'application/json', 'handling=strict', 'text/plain'),
  ),
);

test('every request is understood, or refused with a fault of ours that is the fault of the client', () => {
  const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'FOO');
  const bodies = fc.oneof(words, fc.json(), fc.uint8Array());
  fc.assert(
    fc.property(methods, urls, headers, bodies, (method, url, headerRecord, body) => {
      try {
        const bytes = typeof body === 'string' ? body : Buffer.from(body);
        const request = parseRequest(
          requestOf(method, url, { headers: headerRecord, body: bytes }),
          settings,
        );
        expect(request.accept.length).toBeGreaterThan(0);
        expect(request.range.offset).toBeGreaterThanOrEqual(0);
        expect(request.range.limit ?? 0).toBeGreaterThanOrEqual(0);
      } catch (error) {
        if (!(error instanceof RestFault)) throw error;
        expect(error.status).toBeGreaterThanOrEqual(400);
        expect(error.status).toBeLessThan(500);
        expect(error.code).toMatch(/^PGRST1\d\d$/);
      }
    }),
    { numRuns: CASES },
  );
});

test('any text is a value, once it is quoted', () => {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2 }), (values) => {
      const list = encodeURIComponent(`in.(${values.map(quoted).join(',')})`);
      const [filter] = parseQuery(`a=${list}`, false).query.filters;
      expect(filter?.value.operation).toEqual({ kind: 'in', values });
    }),
  );
});

test('any text is a name, once it is quoted', () => {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, value) => {
      const text = `select=${encodeURIComponent(quoted(name))}&${encodeURIComponent(quoted(name))}=${encodeURIComponent(`eq.${value}`)}`;
      const { query } = parseQuery(text, false);
      expect(query.select).toMatchObject([{ field: { name, path: [] } }]);
      expect(query.filters).toMatchObject([{ path: [], value: { field: { name }, operation: { value } } }]);
    }),
  );
});

test('long texts take time in proportion to their length', () => {
  const length = 50_000;
  const hostile = [
    `select=${'a,'.repeat(length)}`,
    `select=${'-'.repeat(length)}`,
    `select=${'a->'.repeat(length)}`,
    `select=${'"'.repeat(length)}`,
    `select=a${'::'.repeat(length)}`,
    `or=(${'a.eq."'.repeat(length)}`,
    `or=(${'a.in.(",'.repeat(length)}`,
    `or=(${'a.eq.{,'.repeat(length)}`,
    `or=(${'not.'.repeat(length)}`,
    `a=in.(${'"\\",'.repeat(length)}`,
    `a=in.(${'"a"b,'.repeat(length)}`,
    `order=${'a.asc,'.repeat(length)}`,
    `order=${'a('.repeat(length)}`,
    `limit=${' '.repeat(length)}x`,
    `limit=1${' '.repeat(length)}x`,
    `${'a.'.repeat(length)}=eq.1`,
    `a=${'%C3'.repeat(length)}`,
  ];
  const slowest = Math.max(
    ...hostile.map((text) => {
      const startedAtMs = performance.now();
      try {
        parseQuery(text, false);
      } catch (error) {
        if (!(error instanceof RestFault)) throw error;
      }
      return performance.now() - startedAtMs;
    }),
  );
  // Quadratic time would be minutes.
  expect(slowest).toBeLessThan(3_000);
});
