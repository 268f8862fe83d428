const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const english = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** `3 minutes ago`, `in 7 days`; the nearest whole unit. A time that is none stays as it is. */
export function relativeTime(timestamp: string, nowMs: number = Date.now()): string {
  const seconds = (Date.parse(timestamp) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return timestamp;
  const found = units.find(([, length]) => Math.abs(seconds) >= length);
  if (found === undefined) return seconds > 0 ? 'in less than a minute' : 'just now';
  const [unit, length] = found;
  return english.format(Math.round(seconds / length), unit);
}

/** The same in a table, where there may be none. */
export function relativeTimeOrDash(timestamp: string | null): string {
  return timestamp === null ? '-' : relativeTime(timestamp);
}
