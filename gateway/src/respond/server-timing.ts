const names = ['jwt', 'parse', 'plan', 'transaction', 'response'];

/** The value of `Server-Timing`, in milliseconds: `jwt;dur=0.1, parse;dur=0.2`; `null` when nothing was measured. */
export function serverTiming(timings: Readonly<Record<string, number>>): string | null {
  const metrics = names.flatMap((name) => {
    const durationMs = timings[name];
    return durationMs === undefined ? [] : [`${name};dur=${durationMs.toFixed(1)}`];
  });
  return metrics.length === 0 ? null : metrics.join(', ');
}
