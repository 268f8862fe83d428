import { expect, test } from 'vitest';
import { getByReference, similarNames } from './reference.ts';

interface Thing {
  readonly id: string;
  readonly name: string;
}

const naming = { kind: 'thing', id: (item: Thing) => item.id, name: (item: Thing) => item.name };
const things = [
  { id: '1', name: 'shop' },
  { id: '2', name: 'shop-test' },
  { id: '3', name: 'twin' },
  { id: '4', name: 'twin' },
  { id: 'shop-test', name: 'trap' },
];

test('finds by exact name and by id', () => {
  expect(getByReference(naming, things, 'shop')).toBe(things[0]);
  expect(getByReference(naming, things, '2')).toBe(things[1]);
});

test.each([
  ['Shop', "there is no thing 'Shop'. Did you mean 'shop' or 'shop-test'?"],
  ['nothing-like-it', "there is no thing 'nothing-like-it'."],
  ['twin', "several things are called 'twin'. Name one by its id."],
  ['shop-test', "several things are called 'shop-test'. Name one by its id."],
])('refuses %s', (reference, message) => {
  const search = () => getByReference(naming, things, reference);
  expect(search).toThrow(expect.objectContaining({ message, exitCode: 4 }));
});

test.each([
  ['shpo', ['shop']],
  ['blog', ['blog-1', 'my-blog']],
  ['sho', ['shop', 'shop-2']],
  ['zzz', []],
  ['', []],
])('similar to %j: %j', (typed, expected) => {
  expect(similarNames(typed, ['shop-2', 'my-blog', 'blog-1', 'shop'])).toEqual(expected);
});

test('offers at most three names, the nearest first', () => {
  const names = ['shop-a', 'shop-b', 'shop-c', 'shop-d', 'shup'];
  expect(similarNames('shop', names)).toEqual(['shup', 'shop-a', 'shop-b']);
});
