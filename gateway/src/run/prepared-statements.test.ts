import { expect, test } from 'vitest';
import { PreparedStatements } from './prepared-statements.ts';

test('names are found by text and never come again', () => {
  const prepared = new PreparedStatements(10);
  const first = prepared.add('SELECT 1');
  expect(prepared.find('SELECT 1')).toBe(first);
  expect(prepared.find('SELECT 2')).toBeNull();
  prepared.forget('SELECT 1');
  expect(prepared.find('SELECT 1')).toBeNull();
  expect(prepared.add('SELECT 1').name).not.toBe(first.name);
});

test('the least recently used one gives way, and is closed once', () => {
  const prepared = new PreparedStatements(2);
  const a = prepared.add('a');
  const b = prepared.add('b');
  prepared.find('a');
  prepared.add('c');
  expect(prepared.size).toBe(2);
  expect(prepared.find('a')).toBe(a);
  expect(prepared.find('b')).toBeNull();
  expect(prepared.takeClosing()).toEqual([b.name]);
  expect(prepared.takeClosing()).toEqual([]);
});

test('all can be forgotten', () => {
  const prepared = new PreparedStatements(3);
  prepared.add('a');
  prepared.add('b');
  prepared.forgetAll();
  expect([prepared.size, prepared.takeClosing().length]).toEqual([0, 2]);
});
