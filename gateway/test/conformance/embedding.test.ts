import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

describe('to-one', () => {
  test.each([
    [
      '/works?select=id,artists(name)&id=in.(1,5)&order=id',
      [
        { id: 1, artists: { name: 'Ada Brandt' } },
        { id: 5, artists: null },
      ],
    ],
    ['/works?select=id,maker:artists(name)&id=eq.1', [{ id: 1, maker: { name: 'Ada Brandt' } }]],
    ['/works?select=id,by:artist_id(name)&id=eq.1', [{ id: 1, by: { name: 'Ada Brandt' } }]],
    [
      '/works?select=home:museums!works_home_fkey(name),now:museums!current_id(name)&id=eq.1',
      [{ home: { name: 'Old Hall' }, now: { name: 'New Wing' } }],
    ],
    [
      '/doors?select=from:rooms!doors_from_fkey(area),to:rooms!doors_to_fkey(area)&id=eq.1',
      [{ from: { area: 20.5 }, to: { area: 30 } }],
    ],
    [
      '/work_files?select=insured_for::text,works(title)&work_id=eq.2',
      [{ insured_for: '5000', works: { title: 'Quarry' } }],
    ],
    ['/sponsors?select=museums(id)&id=eq.1', [{ museums: { id: 1 } }]],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
  test('one-to-one, from both sides', async () => {
    expect(
      await rest.read('/works?select=id,work_files(checked_by),frames(material)&id=in.(1,2)&order=id'),
    ).toEqual([
      { id: 1, work_files: { checked_by: 2 }, frames: { material: 'gold' } },
      { id: 2, work_files: { checked_by: 2 }, frames: null },
    ]);
    expect(await rest.read('/rooms?select=number,room_keys(id)&building=eq.A&order=number')).toEqual([
      { number: 1, room_keys: { id: 1 } },
      { number: 2, room_keys: null },
    ]);
  });
});

describe('to-many', () => {
  test.each([
    [
      '/artists?select=id,works(id)&order=id&works.order=id.desc',
      [
        { id: 1, works: [{ id: 2 }, { id: 1 }] },
        { id: 2, works: [{ id: 3 }] },
        { id: 3, works: [{ id: 4 }] },
        { id: 4, works: [] },
      ],
    ],
    [
      '/museums?select=name,works!works_home_fkey(title)&id=eq.1&works.order=id',
      [{ name: 'Old Hall', works: [{ title: 'Harbour' }, { title: 'Quarry' }] }],
    ],
    [
      '/rooms?select=number,doors!doors_from_fkey(id)&building=eq.A&order=number',
      [
        { number: 1, doors: [{ id: 1 }] },
        { number: 2, doors: [{ id: 2 }] },
      ],
    ],
    [
      '/museums?select=id,visits(id,day)&id=eq.1&visits.order=day',
      [
        {
          id: 1,
          visits: [
            { id: 1, day: '2020-05-01' },
            { id: 2, day: '2021-05-01' },
          ],
        },
      ],
    ],
    ['/hens?select=id,eggs!eggs_hen_fkey(id)&eggs.order=id', [{ id: 1, eggs: [{ id: 1 }, { id: 2 }] }]],
    ['/hens?select=id,eggs!hens_egg_fkey(id)', [{ id: 1, eggs: { id: 2 } }]],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
});

describe('many-to-many', () => {
  test.each([
    [
      '/guides?select=name,museums(name)&order=id&museums.order=name',
      [
        { name: 'Ina', museums: [{ name: 'New Wing' }, { name: 'Old Hall' }] },
        { name: 'Jo', museums: [{ name: 'New Wing' }] },
        { name: 'Kai', museums: [] },
      ],
    ],
    [
      '/exhibitions?select=id,works!exhibition_works(id)&id=eq.1&works.order=id',
      [{ id: 1, works: [{ id: 1 }, { id: 3 }] }],
    ],
    [
      '/exhibitions?select=id,works!exhibition_requests(id)&id=eq.2&works.order=id',
      [{ id: 2, works: [{ id: 1 }, { id: 4 }] }],
    ],
    [
      '/rooms?select=number,artists(id)&building=eq.A&number=eq.1&artists.order=id',
      [{ number: 1, artists: [{ id: 1 }, { id: 2 }] }],
    ],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
});

describe('self references', () => {
  test('the key tells up from down', async () => {
    expect(
      await rest.read(
        '/artists?select=id,students:artists!artists_mentor_fkey(id)&id=eq.1&students.order=id',
      ),
    ).toEqual([{ id: 1, students: [{ id: 2 }, { id: 3 }] }]);
    expect(await rest.read('/artists?select=mentor:mentor_id(name)&id=eq.2')).toEqual([
      { mentor: { name: 'Ada Brandt' } },
    ]);
  });
});

describe('nested', () => {
  test('three levels, both ways, with names', async () => {
    expect(
      await rest.read(
        '/museums?select=name,exhibitions(name,works!exhibition_works(title,artists(name)))&id=eq.1&exhibitions.works.order=title',
      ),
    ).toEqual([
      {
        name: 'Old Hall',
        exhibitions: [
          {
            name: 'Water',
            works: [
              { title: 'Harbour', artists: { name: 'Ada Brandt' } },
              { title: 'Untitled (3)', artists: { name: 'Ben Okri' } },
            ],
          },
        ],
      },
    ]);
  });
  test('the same resource twice, under aliases', async () => {
    expect(
      await rest.read(
        '/artists?select=id,old:works(title),new:works(title)&id=eq.1&old.year=lt.1900&new.year=gte.1900',
      ),
    ).toEqual([{ id: 1, old: [{ title: 'Harbour' }], new: [{ title: 'Quarry' }] }]);
  });
  test('as deep as a hundred levels, no deeper', async () => {
    const deep = (levels: number) => `${'mentor_id('.repeat(levels)}id${')'.repeat(levels)}`;
    expect((await rest.get(`/artists?select=${deep(40)}&id=eq.1`)).body).toEqual([{ mentor_id: null }]);
    expect(await rest.read(`/artists?select=${deep(500)}`)).toMatchObject({
      status: 400,
      body: { code: 'PGRST100' },
    });
  });
  test('deep order, limits and logic', async () => {
    expect(
      await rest.read(
        '/artists?select=id,works(id,plaques(lang))&id=eq.1&works.or=(year.eq.1899,year.eq.1904)&works.order=year.desc&works.limit=1&works.offset=1',
      ),
    ).toEqual([{ id: 1, works: [{ id: 1, plaques: [{ lang: 'en' }] }] }]);
  });
});

describe('views', () => {
  test.each([
    [
      '/artist_cards?select=label,works(id)&artist_no=eq.1&works.order=id',
      [{ label: 'Ada Brandt', works: [{ id: 1 }, { id: 2 }] }],
    ],
    [
      '/artist_cards_again?select=label,works(id)&label=eq.Ben Okri',
      [{ label: 'Ben Okri', works: [{ id: 3 }] }],
    ],
    [
      '/work_list?select=title,artists(name)&work_id=eq.3',
      [{ title: 'Untitled (3)', artists: { name: 'Ben Okri' } }],
    ],
    [
      '/work_list?select=title,work_files(checked_by)&work_id=eq.1',
      [{ title: 'Harbour', work_files: { checked_by: 2 } }],
    ],
    [
      '/expensive_works?select=title,artists(name)&order=title',
      [
        { title: 'Glass, broken', artists: { name: 'Chloé Dûr' } },
        { title: 'Harbour', artists: { name: 'Ada Brandt' } },
      ],
    ],
    ['/works?select=id,one:artist_cards(label)&id=eq.1', [{ id: 1, one: { label: 'Ada Brandt' } }]],
    [
      '/work_deep?select=work_no,artists(name)&work_no=eq.1',
      [{ work_no: 1, artists: { name: 'Ada Brandt' } }],
    ],
    [
      '/shown_artists?select=id,museums(name)&order=id',
      [
        { id: 1, museums: { name: 'Old Hall' } },
        { id: 2, museums: { name: 'New Wing' } },
      ],
    ],
    ['/through_extra?select=tid,museums(name)&tid=eq.1', [{ tid: 1, museums: { name: 'Old Hall' } }]],
    [
      '/work_twice?select=id,a:artists!artist_one(name),b:artists!artist_two(name)&id=eq.1',
      [{ id: 1, a: { name: 'Ada Brandt' }, b: { name: 'Ada Brandt' } }],
    ],
    ['/door_view?select=id,room_view!doors_from_fkey(area)&id=eq.1', [{ id: 1, room_view: { area: 20.5 } }]],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
  test('views of schemas that nobody named hide the keys', async () => {
    expect(await rest.read('/through_private?select=tid,museums(name)')).toMatchObject({
      status: 400,
      body: { code: 'PGRST200' },
    });
  });
  test('a wrapped key is no key', async () => {
    expect(await rest.read('/work_wrapped?select=id,artists(name)')).toMatchObject({
      status: 400,
      body: { code: 'PGRST200' },
    });
  });
});

describe('computed relationships', () => {
  test.each([
    ['/artists?select=id,pupils(id)&id=eq.1&pupils.order=id', [{ id: 1, pupils: [{ id: 2 }, { id: 3 }] }]],
    ['/artists?select=id,teacher(name)&id=eq.2', [{ id: 2, teacher: { name: 'Ada Brandt' } }]],
    [
      '/artists?select=id,first_work(title)&id=in.(1,4)&order=id',
      [
        { id: 1, first_work: { title: 'Harbour' } },
        // A function without SETOF always returns a row.
        { id: 4, first_work: { title: null } },
      ],
    ],
    [
      '/artist_cards?select=label,card_works(id)&artist_no=eq.2',
      [{ label: 'Ben Okri', card_works: [{ id: 3 }] }],
    ],
    [
      '/sales?select=id,museums(name)&id=in.(1,4)&order=id',
      [
        { id: 1, museums: { name: 'Old Hall' } },
        { id: 4, museums: null },
      ],
    ],
    [
      '/artists?select=id,teacher!inner(name)&order=id',
      [
        { id: 2, teacher: { name: 'Ada Brandt' } },
        { id: 3, teacher: { name: 'Ada Brandt' } },
        { id: 4, teacher: { name: 'Ben Okri' } },
      ],
    ],
    [
      '/artists?select=id,pupils(id,pupils(id))&id=eq.1&pupils.id=eq.2',
      [{ id: 1, pupils: [{ id: 2, pupils: [{ id: 4 }] }] }],
    ],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
});
