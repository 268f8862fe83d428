import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RestFault } from '../../src/fault.ts';
import { planRead } from '../../src/plan/plan-read.ts';
import { renderCount, renderRead } from '../../src/sql/render-read.ts';
import { Values } from '../../src/sql/values.ts';
import { type RandomRead, randomRead } from './random-query.ts';
import { type ReadSuite, readSettings, startReadSuite } from './read-suite.ts';

let suite: ReadSuite;
beforeAll(async () => {
  suite = await startReadSuite();
});
afterAll(() => suite.end());

/** What a request can be wrong about when its SQL is right: values, and types that do not go together. */
const FAULTS_OF_REQUESTS = new Set([
  '42883', // no such operator or function for the type
  '42804', // the types of both sides differ
  '42846', // no such cast
  '42803', // ordered by what is not grouped by
  '42725', // no operator fits better than another
  '42809', // ANY of what is no array
  '42704', // no such text search configuration
  '42P38', // a type that has no order, or no equality
  '0A000', // values of composites cannot be read
]);

function isFaultOfRequest(code: string): boolean {
  return FAULTS_OF_REQUESTS.has(code) || /^(22|PGRST(127|201))/.test(code);
}

async function rowsOf({ table, query, range }: RandomRead): Promise<unknown[] | string> {
  try {
    const values = new Values();
    const source = { kind: 'table', table } as const;
    const read = planRead(query, source, suite.cache, readSettings(), range);
    const text = renderRead(read, values);
    const rows = await suite.query(`SELECT row_to_json(t.*) AS body FROM (${text}) t`, values.list);
    const counted = new Values();
    const count = await suite.query(
      `SELECT count(*)::int AS n FROM (${renderCount(read, counted)}) t`,
      counted.list,
    );
    const total = Number(count[0]?.n);
    const visible = Math.max(0, Math.min(total - range.offset, range.limit ?? total));
    expect([rows.length, text]).toEqual([visible, text]);
    return rows;
  } catch (error) {
    if (error instanceof RestFault) return error.code;
    if (!(error instanceof pg.DatabaseError)) throw error;
    // What to_tsquery cannot read has the code of a syntax error, too.
    const isValue = error.code === '42601' && !error.message.startsWith('syntax error at');
    return isValue ? '22000' : (error.code ?? 'none');
  }
}

test('whatever is asked, the SQL is right, and the count is that of the rows', async () => {
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(randomRead(suite.cache), async (request) => {
      const answer = await rowsOf(request);
      if (typeof answer !== 'string') {
        shown += 1;
        return;
      }
      expect(answer).toSatisfy(isFaultOfRequest);
    }),
    { numRuns: 600 },
  );
  // The generator must not only make nonsense.
  expect(shown).toBeGreaterThan(100);
}, 60_000);
