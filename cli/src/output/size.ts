const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `7.5 MB`; a step is 1024, as in Postgres' own `pg_size_pretty`. */
export function renderSize(sizeBytes: number): string {
  let value = sizeBytes;
  let step = 0;
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}
