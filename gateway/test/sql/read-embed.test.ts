import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReadSuite, startReadSuite } from './read-suite.ts';

let suite: ReadSuite;
beforeAll(async () => {
  suite = await startReadSuite();
});
afterAll(() => suite.end());

test.each([
  // To-one, to-many, one-to-one both ways, many-to-many, nested.
  [
    '/works?select=artists(name)&id=in.(1,5)&order=id',
    [{ artists: { name: 'Ada Brandt' } }, { artists: null }],
  ],
  [
    '/artists?select=works(title)&id=in.(1,4)&works.order=title.desc&order=id',
    [{ works: [{ title: 'Quarry' }, { title: 'Harbour' }] }, { works: [] }],
  ],
  ['/works?select=work_files(insured_for)&id=eq.2', [{ work_files: { insured_for: 5000 } }]],
  [
    '/work_files?select=works(title,frames(material))&work_id=eq.1',
    [{ works: { title: 'Harbour', frames: { material: 'gold' } } }],
  ],
  ['/works?select=exhibitions!exhibition_works(name)&id=eq.2', [{ exhibitions: [{ name: 'Stone' }] }]],
  [
    '/folders?select=name,folders(name,folders(name))&name=eq.root',
    [{ name: 'root', folders: [{ name: 'docs', folders: [{ name: 'deep' }] }] }],
  ],
  // Told apart by constraint, by column, by hint.
  [
    '/works?select=works_home_fkey(name),current_id(name),m:museums!home_id(city)&id=eq.1',
    [{ works_home_fkey: { name: 'Old Hall' }, current_id: { name: 'New Wing' }, m: { city: 'Basel' } }],
  ],
  // The table itself, by the key in both directions.
  [
    '/artists?select=kids:artists!mentor_id(name),mentor_id(name)&id=eq.2',
    [{ kids: [{ name: 'Dario "D" O\'Neil' }], mentor_id: { name: 'Ada Brandt' } }],
  ],
  // Composite keys, in the order of neither side; views, partitions.
  ['/doors?select=rooms!doors_to_fkey(area)&id=eq.1', [{ rooms: { area: 30 } }]],
  ['/rooms?select=doors!doors_from_fkey(id)&building=eq.B', [{ doors: [{ id: 3 }] }]],
  [
    '/artist_cards?select=label,works(title)&artist_no=eq.3',
    [{ label: 'Chloé Dûr', works: [{ title: 'Glass, broken' }] }],
  ],
  [
    '/visits?select=museums(name),complaints(id)&id=eq.3',
    [{ museums: { name: 'New Wing' }, complaints: [{ id: 2 }] }],
  ],
  // Computed relationships; one takes the place of a key.
  [
    '/artists?select=pupils(name),teacher(name),first_work(title)&id=eq.2',
    [
      {
        pupils: [{ name: 'Dario "D" O\'Neil' }],
        teacher: { name: 'Ada Brandt' },
        first_work: { title: 'Untitled (3)' },
      },
    ],
  ],
  [
    '/sales?select=museums(name)&id=in.(1,4)&order=id',
    [{ museums: { name: 'Old Hall' } }, { museums: null }],
  ],
  // Filters, order and limits below.
  ['/artists?select=works(id)&works.id=gt.1&id=eq.1', [{ works: [{ id: 2 }] }]],
  ['/artists?select=works(id)&works.limit=1&works.offset=1&works.order=id&id=eq.1', [{ works: [{ id: 2 }] }]],
  [
    '/artists?select=w:works(id,artists(name))&w.artists.name=eq.x&w.limit=1&w.order=id&id=eq.1',
    [{ w: [{ id: 1, artists: null }] }],
  ],
  ['/artists?select=works(id)&works.or=(year.eq.1904,year.eq.1)&id=eq.1', [{ works: [{ id: 2 }] }]],
])('%s', async (url, expected) => {
  expect(await suite.read(url)).toEqual(expected);
});

test.each([
  ['select=id,works!inner(id)', [1, 2, 3]],
  ['select=id,works!inner()', [1, 2, 3]],
  ['select=id,works!inner(id)&works.year=gt.1904', [2, 3]],
  ['select=id,works(id)&works=is.null', [4]],
  ['select=id,works()&works=is.null', [4]],
  ['select=id,works(id)&works=not.is.null', [1, 2, 3]],
  ['select=id,...works(title)&works=is.null', [4]],
  ['select=id,...works!inner(title)', [1, 2, 3]],
  ['select=id,mentor_id(id)&mentor_id=is.null', [1]],
  ['select=id,mentor_id()&mentor_id=not.is.null', [2, 3, 4]],
  ['select=id,...mentor_id(name)&mentor_id=is.null', [1]],
  ['select=id,works(),frames()&or=(works.is.null,frames.not.is.null)', [4]],
  ['select=id,works()&works.year=gt.1950&or=(works.not.is.null,name.like.A*)', [1, 3]],
  ['select=id,works!inner(work_files!inner())&works.work_files.insured_for=lt.10000', [1]],
  ['select=id,works!inner(id)&works.limit=0', []],
  ['select=id,works!inner()&works.offset=1', [1]],
])('artists of %s', async (query, expected) => {
  const rows = (await suite.read(`/artists?${query}&order=id`)) as { id: number }[];
  expect(rows.map(({ id }) => id)).toEqual(expected);
  expect(await suite.count(`/artists?${query}&limit=1`)).toBe(expected.length);
});

test('rows are ordered by a field of what they have one of, shown or not', async () => {
  const titles = async (url: string) =>
    ((await suite.read(url)) as { title: string }[]).map(({ title }) => title);
  const expected = ['Untitled (3)', 'Harbour', 'Quarry', 'Glass, broken', "Nobody's work"];
  const order = 'order=artists(born).desc.nullslast,id';
  expect(await titles(`/works?select=title,artists(name)&${order}`)).toEqual(expected);
  expect(await titles(`/works?select=title,artists()&${order}`)).toEqual(expected);
  expect(await titles(`/works?select=title,...artists(name)&${order}`)).toEqual(expected);
  expect(await titles(`/works?select=title,...artists(born)&${order}`)).toEqual(expected);
  expect(await suite.read(`/works?select=a:artists(name)&order=a(born).desc.nullslast&limit=1`)).toEqual([
    { a: { name: 'Ben Okri' } },
  ]);
});

test('spreads lift fields of one, and arrays of many', async () => {
  expect(
    await suite.read('/works?select=title,...artists(who:name,artists!mentor_id(id))&id=in.(1,5)&order=id'),
  ).toEqual([
    { title: 'Harbour', who: 'Ada Brandt', artists: [{ id: 2 }, { id: 3 }] },
    { title: "Nobody's work", who: null, artists: null },
  ]);
  expect(
    await suite.read('/artists?select=name,...works(titles:title,year)&works.order=id&id=in.(1,4)&order=id'),
  ).toEqual([
    { name: 'Ada Brandt', titles: ['Harbour', 'Quarry'], year: [1899, 1904] },
    { name: 'Dario "D" O\'Neil', titles: [], year: [] },
  ]);
  expect(
    await suite.read('/guides?select=name,...guide_museums(salary,...museums(museum:name))&id=eq.1'),
  ).toEqual([{ name: 'Ina', salary: [1500, 1600.5], museum: ['Old Hall', 'New Wing'] }]);
  expect(await suite.read('/exhibitions?select=name,...museums(*)&id=eq.1')).toEqual([
    { name: 'Old Hall', id: 1, city: 'Basel' },
  ]);
});

test('aggregates work inside of what is embedded, beside it, and through spreads', async () => {
  expect(await suite.read('/artists?select=works(count(),price.max())&id=in.(1,4)&order=id')).toEqual([
    { works: [{ count: 2, max: 1200.5 }] },
    { works: [{ count: 0, max: null }] },
  ]);
  expect(await suite.read('/works?select=price.sum(),artists(name)&artist_id=in.(1,2)&price=gt.0')).toEqual([
    { sum: 2100.5, artists: { name: 'Ada Brandt' } },
  ]);
  expect(await suite.read('/works?select=count(),...artists(name)&order=artists(name)')).toEqual([
    { count: 2, name: 'Ada Brandt' },
    { count: 1, name: 'Ben Okri' },
    { count: 1, name: 'Chloé Dûr' },
    { count: 1, name: null },
  ]);
  expect(await suite.read('/works?select=...artists(born.max(),n:id.count(),count())')).toEqual([
    { max: '1902-11-30', n: 4, count: 4 },
  ]);
});

test('keys of the answer are never mistaken for rows', async () => {
  const embeds = 'artists(artists_1_rows:born,r:name,row:id)';
  expect(await suite.read(`/works?select=works:id,t:title,${embeds}&artists=not.is.null&id=eq.4`)).toEqual([
    { works: 4, t: 'Glass, broken', artists: { artists_1_rows: null, r: 'Chloé Dûr', row: 3 } },
  ]);
  expect(
    await suite.read('/artists?select=artists:id,works(r:id,rows:title)&id=eq.2&works=not.is.null'),
  ).toEqual([{ artists: 2, works: [{ r: 3, rows: 'Untitled (3)' }] }]);
});

test('the largest number of rows holds for each list', async () => {
  const rows = (await suite.read('/artists?select=id,works(id)&order=id', { dbMaxRows: 1 })) as unknown[];
  expect(rows).toEqual([{ id: 1, works: [{ id: expect.any(Number) }] }]);
});

test('sixty levels are still answered', async () => {
  const level = (depth: number): string => (depth === 0 ? 'id' : `id,mentor_id(${level(depth - 1)})`);
  expect(await suite.read(`/artists?select=${level(60)}&id=eq.1`)).toEqual([{ id: 1, mentor_id: null }]);
});
