import { validateHeaderName, validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { RestFault } from '../fault.ts';
import type { RestResponse } from '../tenants/exchange.ts';
import { cache, planOf, readPlan, requestOf, resultOf, settings } from './cases.fixture.ts';
import { presentFault } from './fault-response.ts';
import { respond } from './respond.ts';
import { headerText, isStatus } from './response-headers.ts';

/** Node throws over what would break HTTP. */
function expectHttp({ status, headers }: RestResponse): void {
  expect(isStatus(status)).toBe(true);
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    for (const one of [value].flat()) {
      validateHeaderValue(name, one);
    }
  }
}

const anyText = fc.string({ unit: 'binary' });
const anyHeaders = fc.oneof(
  anyText,
  fc.json(),
  fc
    .array(fc.dictionary(anyText, fc.oneof(anyText, fc.integer()), { maxKeys: 2 }))
    .map((list) => JSON.stringify(list)),
  fc
    .array(fc.tuple(fc.stringMatching(/^[A-Za-z-]+$/), anyText))
    .map((list) => JSON.stringify(list.map(([name, value]) => ({ [name]: value })))),
);
const anyStatus = fc.oneof(anyText, fc.integer().map(String), fc.integer({ min: 100, max: 999 }).map(String));

describe('whatever names the schema has and SQL sets', () => {
  it('a text survives in a header, but for control characters', () => {
    expect(Buffer.from(headerText('größe 日本'), 'latin1').toString()).toBe('größe 日本');
    expect(headerText('a\u0000\r\n\u007fb')).toBe('a%00%0D%0A%7Fb');
  });

  it('an answer is HTTP, or the fault says why not', () => {
    fc.assert(
      fc.property(anyText, anyHeaders, anyStatus, (name, responseHeaders, responseStatus) => {
        const request = requestOf({
          target: { kind: 'table', name },
          schema: name,
          isSchemaNegotiated: true,
        });
        const result = resultOf({ responseHeaders, responseStatus });
        try {
          expectHttp(respond(request, planOf(readPlan), result, cache, settings));
        } catch (error) {
          expect(error).toBeInstanceOf(RestFault);
          expect(['PGRST111', 'PGRST112']).toContain(error instanceof RestFault && error.code);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('so is a fault', () => {
    const anyDetail = fc.oneof(
      fc.constant(undefined),
      fc.json(),
      fc
        .record({ status: fc.integer({ min: 0, max: 1100 }), headers: fc.dictionary(anyText, anyText) })
        .map((detail) => JSON.stringify(detail)),
    );
    const anyCode = fc.oneof(fc.constantFrom('PGRST', 'PT402', 'PT999', '42501'), anyText);
    const message = fc.oneof(anyText, fc.constant('{"code":"1","message":"m"}'));
    fc.assert(
      fc.property(anyCode, message, anyDetail, (code, text, detail) => {
        const error = Object.assign(new pg.DatabaseError(text, 0, 'error'), { code, detail });
        const context = { isAnonymous: true, isHead: false, headers: { origin: 'x' }, settings };
        expectHttp(presentFault(error, context));
      }),
      { numRuns: 2_000 },
    );
  });
});
