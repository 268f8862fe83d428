/** Prometheus' text format, with PostgREST's names where it has the same number. */
import type { TenantMetrics } from './tenant-metrics.ts';

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** One value, or several told apart by a label. */
  readonly read: (metrics: TenantMetrics) => number | readonly (readonly [label: string, value: number])[];
  readonly label?: string;
}

const METRICS: readonly Metric[] = [
  {
    name: 'pgrst_schema_cache_query_time_seconds',
    type: 'gauge',
    help: 'The query time in seconds of the last schema cache load',
    read: ({ schemaCacheQuerySeconds }) => schemaCacheQuerySeconds,
  },
  {
    name: 'pgrst_schema_cache_loads_total',
    type: 'counter',
    help: 'The total number of times the schema cache was loaded',
    label: 'status',
    read: ({ schemaCacheLoads }) => Object.entries(schemaCacheLoads),
  },
  {
    name: 'pgrst_db_pool_timeouts_total',
    type: 'counter',
    help: 'The total number of pool connection timeouts',
    read: ({ pool }) => pool.timeouts,
  },
  {
    name: 'pgrst_db_pool_available',
    type: 'gauge',
    help: 'Available connections in the pool',
    read: ({ pool }) => pool.max - pool.total + pool.idle,
  },
  {
    name: 'pgrst_db_pool_waiting',
    type: 'gauge',
    help: 'Requests waiting to acquire a pool connection',
    read: ({ pool, queued }) => pool.waiting + queued,
  },
  { name: 'pgrst_db_pool_max', type: 'gauge', help: 'Max pool connections', read: ({ pool }) => pool.max },
  {
    name: 'backyard_rest_db_pool_open',
    type: 'gauge',
    help: 'Open connections of the pool',
    read: ({ pool }) => pool.total,
  },
  {
    name: 'backyard_rest_requests_total',
    type: 'counter',
    help: 'Requests answered, by class of status',
    label: 'status',
    read: ({ requests }) => Object.entries(requests),
  },
  {
    name: 'backyard_rest_request_seconds_total',
    type: 'counter',
    help: 'Seconds spent on answered requests',
    read: ({ requestSeconds }) => requestSeconds,
  },
  {
    name: 'backyard_rest_requests_in_flight',
    type: 'gauge',
    help: 'Requests that are being answered',
    read: ({ inFlight }) => inFlight,
  },
  {
    name: 'backyard_rest_schema_cache_bytes',
    type: 'gauge',
    help: 'Approximate size of the schema cache, 0 when none is held',
    read: ({ schemaCacheBytes }) => schemaCacheBytes,
  },
  {
    name: 'backyard_rest_database_down',
    type: 'gauge',
    help: '1 when the last attempt to connect failed',
    read: ({ isDatabaseDown }) => (isDatabaseDown ? 1 : 0),
  },
];

/** With `hasTenantLabel` every line names its tenant; without, there must be one tenant only. */
export function renderMetrics(tenants: readonly TenantMetrics[], hasTenantLabel: boolean): string {
  return METRICS.map((metric) => {
    const lines = tenants.flatMap((tenant) => renderLines(metric, tenant, hasTenantLabel));
    return [
      `# HELP ${metric.name} ${metric.help}`,
      `# TYPE ${metric.name} ${metric.type}`,
      ...lines,
      '',
    ].join('\n');
  }).join('');
}

function renderLines(metric: Metric, tenant: TenantMetrics, hasTenantLabel: boolean): string[] {
  const own = hasTenantLabel ? [`tenant="${escapeLabel(tenant.tenantId)}"`] : [];
  const value = metric.read(tenant);
  if (typeof value === 'number') return [`${metric.name}${renderLabels(own)} ${value}`];
  return value.map(([label, count]) => {
    return `${metric.name}${renderLabels([...own, `${metric.label}="${label}"`])} ${count}`;
  });
}

function renderLabels(labels: readonly string[]): string {
  return labels.length === 0 ? '' : `{${labels.join(',')}}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
