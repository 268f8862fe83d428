import { expect, test } from 'vitest';
import { renderMetrics } from './render-metrics.ts';
import type { TenantMetrics } from './tenant-metrics.ts';

const TENANT: TenantMetrics = {
  tenantId: 'a"b',
  requests: { '1xx': 0, '2xx': 7, '3xx': 0, '4xx': 1, '5xx': 0 },
  requestSeconds: 1.5,
  inFlight: 2,
  queued: 3,
  pool: { max: 10, total: 4, idle: 1, waiting: 5, timeouts: 6 },
  schemaCacheLoads: { SUCCESS: 8, FAIL: 9 },
  schemaCacheQuerySeconds: 0.25,
  schemaCacheBytes: 1234,
  isDatabaseDown: true,
};

test("one tenant has PostgREST's lines", () => {
  const lines = renderMetrics([TENANT], false).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE pgrst_schema_cache_loads_total counter',
      'pgrst_schema_cache_loads_total{status="SUCCESS"} 8',
      'pgrst_schema_cache_loads_total{status="FAIL"} 9',
      'pgrst_db_pool_available 7',
      'pgrst_db_pool_waiting 8',
      'pgrst_db_pool_max 10',
      'pgrst_db_pool_timeouts_total 6',
      'backyard_rest_requests_total{status="2xx"} 7',
      'backyard_rest_database_down 1',
    ]),
  );
  expect(lines.at(-1)).toBe('');
});

test('several tenants are told apart, whatever they are called', () => {
  expect(renderMetrics([TENANT], true)).toContain(
    'pgrst_schema_cache_loads_total{tenant="a\\"b",status="SUCCESS"} 8\n',
  );
});
