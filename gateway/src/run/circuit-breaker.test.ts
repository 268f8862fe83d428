import { expect, test } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

test('closed lets everyone through; a failure stops all until the pause is over, then one', () => {
  let now = 0;
  const breaker = new CircuitBreaker(() => now);
  expect([breaker.allows(), breaker.allows(), breaker.isOpen]).toEqual([true, true, false]);
  breaker.fail();
  expect([breaker.allows(), breaker.isOpen]).toEqual([false, true]);
  now = 99;
  expect(breaker.allows()).toBe(false);
  now = 100;
  expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
  breaker.fail();
  now = 299;
  expect(breaker.allows()).toBe(false);
  now = 300;
  expect(breaker.allows()).toBe(true);
  expect(breaker.succeed()).toBe(true);
  expect([breaker.allows(), breaker.allows(), breaker.isOpen, breaker.succeed()]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('the pause never gets longer than a second', () => {
  let now = 0;
  const breaker = new CircuitBreaker(() => now);
  for (let failure = 0; failure < 50; failure += 1) breaker.fail();
  now = 999;
  expect(breaker.allows()).toBe(false);
  now = 1_000;
  expect(breaker.allows()).toBe(true);
});

test('an abandoned probe lets the next caller probe', () => {
  let now = 0;
  const breaker = new CircuitBreaker(() => now);
  breaker.fail();
  now = 100;
  expect(breaker.allows()).toBe(true);
  breaker.abandon();
  expect(breaker.allows()).toBe(true);
});
