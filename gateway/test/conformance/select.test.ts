import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

describe('vertical filtering', () => {
  test('columns, aliases, casts and whitespace', async () => {
    expect(await rest.read('/artists?select=id,full:name,born::text&id=eq.1')).toEqual([
      { id: 1, full: 'Ada Brandt', born: '1871-03-02' },
    ]);
    expect(await rest.read('/works?select=price::text,year::text,y:year&id=eq.1')).toEqual([
      { price: '1200.50', year: '1899', y: 1899 },
    ]);
    expect(await rest.read('/artists?select=id, name&id=eq.1')).toEqual([{ id: 1, name: 'Ada Brandt' }]);
  });
  test('JSON paths, named by their last key', async () => {
    expect(
      await rest.read(
        '/works?select=details->layers->2->>tone,details->>technique,w:details->weight&id=in.(1,4)&order=id',
      ),
    ).toEqual([
      { tone: 'blue', technique: 'oil', w: null },
      { tone: null, technique: 'glass', w: 12.5 },
    ]);
    expect(await rest.read('/works?select=details->layers->0,x:details->layers->>1&id=eq.1')).toEqual([
      { layers: 1, x: '2' },
    ]);
    expect(await rest.read('/works?select=weight:details->>weight::numeric&id=eq.4')).toEqual([
      { weight: 12.5 },
    ]);
  });
  test('composites and arrays', async () => {
    expect(await rest.read('/works?select=size->>unit,size->width,tags->0&id=eq.1')).toEqual([
      { unit: 'cm', width: 80, tags: 'sea' },
    ]);
    expect(
      await rest.read('/all_types?select=sizes->1->>unit,weird->>first%20part,texts->1&id=eq.1'),
    ).toEqual([{ unit: 'm', 'first part': '5', texts: 'b c' }]);
  });
  test('computed fields are there when named', async () => {
    expect(await rest.read('/artists?select=id,initials&id=eq.1')).toEqual([{ id: 1, initials: 'A.' }]);
    expect(await rest.read('/artists?id=eq.1')).toEqual([
      { id: 1, name: 'Ada Brandt', born: '1871-03-02', mentor_id: null },
    ]);
    expect(await rest.read('/items?select=shouted,up:shouted&id=eq.1')).toEqual([
      { shouted: 'ITEM 1', up: 'ITEM 1' },
    ]);
    expect(await rest.read('/artists?select=initials&order=initials.desc&limit=1')).toEqual([
      { initials: 'D.' },
    ]);
  });
  test('data representations', async () => {
    expect(await rest.read('/palette?select=id,color,seen&order=id')).toEqual([
      { id: 1, color: '#ff0000', seen: 1513213350 },
      { id: 2, color: '#000000', seen: null },
      { id: 3, color: null, seen: 0 },
    ]);
    expect(await rest.read('/palette_view?select=paint&palette_id=eq.1')).toEqual([{ paint: '#ff0000' }]);
  });
  test('numbers, dates and text come as Postgres writes JSON', async () => {
    const [row] = (await rest.read(
      '/all_types?id=eq.1&select=big::text,num::text,real8,bool,txt,bytes,day,ts,span,uid,js,ip,i4r,matrix,moods,size,email,pct',
    )) as [unknown];
    expect(row).toEqual({
      big: '9223372036854775807',
      num: '12345678901234567890.123456789',
      real8: 0.1,
      bool: true,
      txt: `line\nbreak "quoted" \\ '`,
      bytes: '\\xdeadbeef00',
      day: '2024-02-29',
      ts: '2024-02-29T12:34:56',
      span: '1 day 02:03:04',
      uid: '00000000-0000-4000-8000-000000000001',
      js: { b: 1, a: [1, 2, { c: null }] },
      ip: '192.168.0.1/24',
      i4r: '[1,10)',
      matrix: [
        [1, 2],
        [3, 4],
      ],
      moods: ['calm', 'very happy'],
      size: { width: 1, height: 2, unit: 'cm' },
      email: 'a@b.c',
      pct: 12.5,
    });
  });
  test.each([
    ['/artists?select=nope', 400, '42703'],
    ['/artists?select=name::nope', 400, '42704'],
    ['/artists?select=name:', 400, 'PGRST100'],
    ['/artists?select=name::integer', 400, '22P02'],
    ['/nowhere', 404, 'PGRST205'],
    ['/secrets', 404, 'PGRST205'],
  ])('%s is refused', async (path, status, code) => {
    expect(await rest.read(path)).toMatchObject({ status, body: { code } });
  });
  test('a table without columns, and empty ones', async () => {
    expect(await rest.read('/nothing')).toEqual([]);
    expect(await rest.read('/empty_table')).toEqual([]);
    expect(await rest.read('/artists?select=&id=eq.1')).toEqual([{}]);
  });
});

describe('aggregates', () => {
  test.each([
    ['/sales?select=count()', [{ count: 5 }]],
    ['/sales?select=amount.sum()', [{ sum: 116 }]],
    [
      '/sales?select=amount.avg(),amount.min(),amount.max(),amount.count()',
      [{ avg: 29, min: 1, max: 100, count: 4 }],
    ],
    [
      '/sales?select=total:amount.sum(),museum_id&order=museum_id',
      [
        { total: 15, museum_id: 1 },
        { total: 100, museum_id: 2 },
        { total: 1, museum_id: null },
      ],
    ],
    ['/sales?select=amount.sum()::text,pieces::text.max()', [{ sum: '116.00', max: '3' }]],
    ['/sales?select=tax:extra->tax.sum()::text', { status: 404 }],
    ['/sales?select=tax:extra->>tax::numeric.sum()', [{ tax: 22 }]],
    [
      '/sales?select=museum_id,count()&museum_id=not.is.null&order=museum_id.desc',
      [
        { museum_id: 2, count: 1 },
        { museum_id: 1, count: 3 },
      ],
    ],
    [
      '/museums?select=name,works!works_home_fkey(count())&order=id',
      [
        { name: 'Old Hall', works: [{ count: 2 }] },
        { name: 'New Wing', works: [{ count: 1 }] },
        { name: 'Depot', works: [{ count: 1 }] },
      ],
    ],
    [
      '/works?select=artists(name),price.sum()&artist_id=eq.1',
      [{ artists: { name: 'Ada Brandt' }, sum: 2100.5 }],
    ],
    ['/artists?select=name,...frames(material.count())', { status: 400, body: { code: 'PGRST127' } }],
    ['/works?select=price.sum(),...artists(name)&artist_id=eq.1', [{ sum: 2100.5, name: 'Ada Brandt' }]],
  ])('%s', async (path, expected) => {
    const body = await rest.read(path);
    if (Array.isArray(expected)) expect(body).toEqual(expected);
    else expect(body).toMatchObject(expected);
  });
});

describe('aggregates that nobody enabled', () => {
  const closed = useRest({ 'db-aggregates-enabled': false });
  test.each(['/sales?select=amount.sum()', '/sales?select=count()'])('%s is refused', async (path) => {
    expect(await closed.read(path)).toMatchObject({
      status: 400,
      body: { code: 'PGRST123' },
    });
  });
});
