import { afterEach, describe, expect, test } from 'vitest';
import { createLog } from '../kernel/log.ts';
import { startClock } from './clock.ts';

const log = createLog({ level: 'silent', pretty: false });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function start(task: () => Promise<unknown>): () => Promise<void> {
  const clock = startClock(task, 5, log);
  const stop = () => clock.stop();
  stops.push(stop);
  return stop;
}

describe('startClock', () => {
  test('runs again and again, and a failure does not end that', async () => {
    let runs = 0;
    start(async () => {
      runs++;
      throw new Error('on purpose');
    });
    await expect.poll(() => runs).toBeGreaterThan(3);
  });

  test('never runs twice at a time, and a stop waits for what is under way', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    let ended = 0;
    const stop = start(async () => {
      begun++;
      await gate.promise;
      ended++;
    });
    // Three more ticks pass while the first turn still runs.
    let ticks = 0;
    start(async () => ticks++);
    await expect.poll(() => ticks).toBeGreaterThan(3);
    expect(begun).toBe(1);
    const stopped = stop();
    gate.resolve();
    await stopped;
    expect(ended).toBe(1);
    const before = ticks;
    await expect.poll(() => ticks).toBeGreaterThan(before + 3);
    expect(begun).toBe(1);
  });
});
