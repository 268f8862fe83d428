import { expect, test } from 'vitest';
import { listAllPages } from './paging.ts';

/** A server with these items, that gets a new first one after each page. */
function growing(items: number[]) {
  const asked: [limit: number, offset: number][] = [];
  const load = (limit: number, offset: number) => {
    asked.push([limit, offset]);
    const page = { items: items.slice(offset, offset + limit), total: items.length };
    items.unshift(items.length);
    return Promise.resolve(page);
  };
  return { asked, load };
}

test.each([0, 1, 99, 100])('%d items are one page', async (count) => {
  const { asked, load } = growing(Array.from({ length: count }, (_, index) => index));
  expect(await listAllPages(String, load)).toHaveLength(count);
  expect(asked).toEqual([[100, 0]]);
});

test('goes on to the end, and lists once what moved to the next page meanwhile', async () => {
  const { asked, load } = growing(Array.from({ length: 250 }, (_, index) => 249 - index));
  const all = await listAllPages(String, load);
  expect(asked).toEqual([
    [100, 0],
    [100, 100],
    [100, 200],
  ]);
  expect(all).toEqual(Array.from({ length: 250 }, (_, index) => 249 - index));
});
