import { describe, expect, it } from 'vitest';
import {
  cache,
  callPlan,
  deletePlan,
  insertPlan,
  planOf,
  readPlan,
  requestOf,
  updatePlan,
} from './cases.fixture.ts';
import { checkResult } from './check-result.ts';
import { totalOf } from './content-range.ts';
import { contentTypeOf } from './content-type.ts';
import { preferenceApplied } from './preference-applied.ts';

describe('totalOf', () => {
  const row = (total: number | null) => ({
    ...{ rows: 0, body: null, location: null, inserted: null },
    total,
  });
  const counted = (
    count: 'estimated' | 'exact' | 'planned' | null,
    total: number | null,
    plan: number | null,
  ) =>
    totalOf(
      { kind: 'read', count },
      { row: { ...row(total), responseHeaders: null, responseStatus: null }, countPlanRows: plan },
      100,
    );

  it.each([
    [null, null, null, null],
    ['exact', 7, null, 7],
    ['planned', null, 5000, 5000],
    ['estimated', 100, 5000, 100],
    ['estimated', 101, 5000, 5000],
    ['estimated', 101, 90, 101],
    ['estimated', 101, null, 101],
    ['estimated', null, 5000, 5000],
  ] as const)('%s of %s counted and %s planned rows is %s', (count, total, plan, expected) => {
    expect(counted(count, total, plan)).toBe(expected);
  });
});

describe('checkResult', () => {
  const one = planOf(deletePlan, {
    mediaType: { type: 'application/vnd.pgrst.object+json', parameters: {} },
  });

  it.each([0, 2])('%i rows are no single object: 406 PGRST116', (rows) => {
    expect(() => checkResult(one, { rows })).toThrow(
      expect.objectContaining({
        status: 406,
        code: 'PGRST116',
        message: 'Cannot coerce the result to a single JSON object',
        details: `The result contains ${rows} rows`,
      }),
    );
  });

  it('one row is one', () => {
    expect(() => checkResult(one, { rows: 1 })).not.toThrow();
  });

  it.each([updatePlan, deletePlan, callPlan()])('%#: more rows than allowed are 400 PGRST124', (plan) => {
    const limited = planOf(plan, { maxAffected: 2 });
    expect(() => checkResult(limited, { rows: 2 })).not.toThrow();
    expect(() => checkResult(limited, { rows: 3 })).toThrow(
      expect.objectContaining({
        status: 400,
        code: 'PGRST124',
        message: 'Query result exceeds max-affected preference constraint',
        details: 'The query affects 3 rows',
      }),
    );
  });

  it('reads and inserts affect nothing that counts', () => {
    for (const plan of [readPlan, insertPlan]) {
      expect(() => checkResult(planOf(plan, { maxAffected: 1 }), { rows: 9 })).not.toThrow();
    }
  });
});

describe('contentTypeOf', () => {
  it.each([
    ['application/json', {}, 'application/json; charset=utf-8'],
    ['text/csv', {}, 'text/csv; charset=utf-8'],
    ['application/geo+json', {}, 'application/geo+json; charset=utf-8'],
    ['application/octet-stream', {}, 'application/octet-stream'],
    ['text/html', {}, 'text/html'],
    ['application/vnd.pgrst.array+json', {}, 'application/json; charset=utf-8'],
    [
      'application/vnd.pgrst.array+json',
      { nulls: 'stripped' },
      'application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8',
    ],
    ['application/vnd.pgrst.object+json', {}, 'application/vnd.pgrst.object+json; charset=utf-8'],
    [
      'application/vnd.pgrst.object',
      { nulls: 'stripped' },
      'application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8',
    ],
  ] as const)('%s %j', (type, parameters, expected) => {
    expect(contentTypeOf(planOf(readPlan, { mediaType: { type, parameters } }))).toBe(expected);
  });

  it('an execution plan names what it is of', () => {
    const body = { kind: 'explain', of: { kind: 'csv' }, format: 'text', options: [] } as const;
    const mediaType = {
      type: 'application/vnd.pgrst.plan',
      parameters: { for: 'application/vnd.pgrst.object' },
    };
    expect(contentTypeOf({ body, mediaType })).toBe(
      'application/vnd.pgrst.plan+text; for="application/vnd.pgrst.object+json"; charset=utf-8',
    );
  });
});

describe('preferenceApplied', () => {
  const everything = {
    resolution: 'merge-duplicates',
    representation: 'none',
    count: 'exact',
    transaction: 'rollback',
    missing: 'default',
    handling: 'strict',
    timezone: 'Europe/Berlin',
    maxAffected: 5,
  } as const;
  const upsert = { ...insertPlan, onConflict: { columns: ['id'], resolution: 'merge' } } as const;
  const tail = 'count=exact, tx=rollback, handling=strict, timezone=Europe/Berlin';

  it.each([
    ['read', readPlan, tail],
    ['call', callPlan(), `${tail}, max-affected=5`],
    ['insert', upsert, `resolution=merge-duplicates, missing=default, return=minimal, ${tail}`],
    ['single-upsert', insertPlan, `return=minimal, ${tail}`],
    ['update', updatePlan, `missing=default, return=minimal, ${tail}, max-affected=5`],
    ['delete', deletePlan, `return=minimal, ${tail}, max-affected=5`],
  ] as const)('of a %s', (action, plan, expected) => {
    const request = requestOf({ action }, everything);
    const settings = { dbTxEnd: 'commit-allow-override' } as const;
    expect(preferenceApplied(request, planOf(plan), cache, settings)).toBe(expected);
  });

  it('says nothing of what it does not do', () => {
    const request = requestOf(
      { action: 'insert' },
      {
        resolution: 'merge-duplicates',
        transaction: 'rollback',
        timezone: 'Jupiter/Red_Spot',
        maxAffected: 1,
      },
    );
    expect(preferenceApplied(request, planOf(insertPlan), cache, { dbTxEnd: 'commit' })).toBeNull();
  });
});
