import { describe, expect, test } from 'vitest';
import { MessageWindow } from './message-window.ts';

describe('a window of 3 in a second', () => {
  test('lets three through at once, and no fourth', () => {
    const window = new MessageWindow(3, 1_000);
    expect([0, 0, 0, 0, 999].map((at) => window.admit(at))).toEqual([true, true, true, false, false]);
  });

  test('slides: each makes room a second after it came', () => {
    const window = new MessageWindow(3, 1_000);
    for (const at of [0, 400, 800]) window.admit(at);
    expect([999, 1_000, 1_001, 1_399, 1_400].map((at) => window.admit(at))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  test('never refuses exactly three a second', () => {
    const window = new MessageWindow(3, 1_000);
    const times = Array.from({ length: 300 }, (_, index) => Math.ceil((index * 1_000) / 3));
    expect(times.every((at) => window.admit(at))).toBe(true);
  });
});
