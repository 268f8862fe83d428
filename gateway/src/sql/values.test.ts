import { expect, test } from 'vitest';
import { Values } from './values.ts';

test('each value has a parameter of its own, shared ones have one for the same text and type', () => {
  const values = new Values();
  expect([values.add('a'), values.add('a'), values.addShared('a', null)]).toEqual(['$1', '$2', '$3']);
  expect([values.addShared('a', null), values.addShared('a', 'regconfig')]).toEqual(['$3', '$4::regconfig']);
  expect([values.addShared('1', 'int4'), values.addShared('1', null)]).toEqual(['$5::int4', '$6']);
  expect(values.list).toEqual(['a', 'a', 'a', 'a', '1', '1']);
});

test('more parameters than the protocol can count are a fault of the request', () => {
  const values = new Values();
  for (let count = 0; count < 65_535; count += 1) values.add('x');
  expect(() => values.add('x')).toThrow(expect.objectContaining({ status: 400, code: '54000' }));
});
