import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

describe('ambiguity and absence', () => {
  test('several ways are 300 with all of them', async () => {
    const { status, body } = await rest.get('/works?select=id,museums(name)');
    expect(status).toBe(300);
    expect(body).toMatchObject({
      code: 'PGRST201',
      message: "Could not embed because more than one relationship was found for 'works' and 'museums'",
    });
    const { details, hint } = body as {
      details: { cardinality: string; embedding: string; relationship: string }[];
      hint: string;
    };
    expect(details).toEqual(
      expect.arrayContaining([
        {
          cardinality: 'many-to-one',
          embedding: 'works with museums',
          relationship: 'works_home_fkey using works(home_id) and museums(id)',
        },
        {
          cardinality: 'many-to-one',
          embedding: 'works with museums',
          relationship: 'works_current_fkey using works(current_id) and museums(id)',
        },
      ]),
    );
    expect(hint).toMatch(/^Try changing 'museums' to one of the following: .*'museums!works_home_fkey'/);
  });
  test('no way is 400', async () => {
    expect(await rest.read('/works?select=id,texts(id)')).toMatchObject({
      status: 400,
      body: {
        code: 'PGRST200',
        message: "Could not find a relationship between 'works' and 'texts' in the schema cache",
        details:
          "Searched for a foreign key relationship between 'works' and 'texts' in the schema 'api', but no matches were found.",
      },
    });
  });
  test('a hint that fits nothing is 400', async () => {
    expect(await rest.read('/works?select=id,museums!nope(id)')).toMatchObject({
      status: 400,
      body: {
        code: 'PGRST200',
        details:
          "Searched for a foreign key relationship between 'works' and 'museums' using the hint 'nope' in the schema 'api', but no matches were found.",
      },
    });
  });
  test('a junction that is not exposed joins nothing', async () => {
    expect(await rest.read('/guides?select=id,exhibitions!hidden_junction(id)')).toMatchObject({
      status: 400,
      body: { code: 'PGRST200' },
    });
  });
  test('filters, orders and limits of what is not embedded', async () => {
    expect(await rest.read('/works?select=id&artists.id=eq.1')).toMatchObject({
      status: 400,
      body: { code: 'PGRST108' },
    });
    expect(await rest.read('/works?select=id&artists.order=id')).toMatchObject({
      status: 400,
      body: { code: 'PGRST108' },
    });
    expect(await rest.read('/works?select=id&artists.limit=1')).toMatchObject({
      status: 400,
      body: { code: 'PGRST108' },
    });
  });
});

describe('inner and left joins', () => {
  test.each([
    [
      '/works?select=id,artists!inner(name)&order=id',
      [
        { id: 1, artists: { name: 'Ada Brandt' } },
        { id: 2, artists: { name: 'Ada Brandt' } },
        { id: 3, artists: { name: 'Ben Okri' } },
        { id: 4, artists: { name: 'Chloé Dûr' } },
      ],
    ],
    ['/works?select=id,artists!left(name)&id=eq.5', [{ id: 5, artists: null }]],
    [
      '/artists?select=id,works!inner(id)&works.id=in.(3,4)&order=id',
      [
        { id: 2, works: [{ id: 3 }] },
        { id: 3, works: [{ id: 4 }] },
      ],
    ],
    [
      '/artists?select=id,works!inner(frames!inner(id))',
      [
        { id: 1, works: [{ frames: { id: 1 } }] },
        { id: 2, works: [{ frames: { id: 2 } }] },
      ],
    ],
    [
      '/works?select=id,museums!works_home_fkey!inner(city)&museums.city=eq.Oslo',
      [{ id: 3, museums: { city: 'Oslo' } }],
    ],
    ['/artists?select=id,works!inner()&works.title=eq.Quarry', [{ id: 1 }]],
    ['/guides?select=id,museums!inner()&museums.city=eq.Basel', [{ id: 1 }]],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
});

describe('filters on the embedded resource', () => {
  test.each([
    [
      '/artists?select=id,works(id)&works.year=eq.1899&id=lt.3&order=id',
      [
        { id: 1, works: [{ id: 1 }] },
        { id: 2, works: [] },
      ],
    ],
    ['/artists?select=id,works()&works=is.null', [{ id: 4 }]],
    ['/artists?select=id,works()&works=not.is.null&order=id', [{ id: 1 }, { id: 2 }, { id: 3 }]],
    [
      '/artists?select=id,works(),frames()&or=(works.not.is.null,frames.not.is.null)&order=id',
      [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
    ],
    ['/artists?select=id,w:works(id)&w=not.is.null&w.id=eq.3', [{ id: 2, w: [{ id: 3 }] }]],
    ['/works?select=id,artists()&artists=is.null', [{ id: 5 }]],
    [
      '/works?select=id,artists(name)&artists.or=(name.like.A*,name.like.B*)&id=in.(1,4)&order=id',
      [
        { id: 1, artists: { name: 'Ada Brandt' } },
        { id: 4, artists: null },
      ],
    ],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
  test('only for null', async () => {
    expect(await rest.read('/artists?select=id,works()&works=eq.1')).toMatchObject({
      status: 400,
      body: { code: 'PGRST120' },
    });
  });
});

describe('order by a related resource', () => {
  test('to-one', async () => {
    expect(
      await rest.read(
        '/works?select=id,artists(name)&order=artists(name).desc,id.desc&artist_id=not.is.null',
      ),
    ).toMatchObject([{ id: 4 }, { id: 3 }, { id: 2 }, { id: 1 }]);
    expect(
      await rest.read('/works?select=id,m:museums!works_home_fkey(name)&order=m(name).nullslast,id.desc'),
    ).toMatchObject([{ id: 5 }, { id: 3 }, { id: 2 }, { id: 1 }, { id: 4 }]);
  });
  test('to-many is refused', async () => {
    expect(await rest.read('/artists?select=id,works(id)&order=works(id)')).toMatchObject({
      status: 400,
      body: {
        code: 'PGRST118',
        message: "A related order on 'works' is not possible",
        details: "'artists' and 'works' do not form a many-to-one or one-to-one relationship",
      },
    });
  });
  test('what is not embedded is refused', async () => {
    expect(await rest.read('/works?select=id&order=artists(name)')).toMatchObject({
      status: 400,
      body: { code: 'PGRST108' },
    });
  });
});

describe('spreads', () => {
  test.each([
    [
      '/works?select=id,...artists(name)&id=in.(1,5)&order=id',
      [
        { id: 1, name: 'Ada Brandt' },
        { id: 5, name: null },
      ],
    ],
    [
      '/works?select=id,...artists(maker:name,...mentor_id(teacher:name))&id=eq.3',
      [{ id: 3, maker: 'Ben Okri', teacher: 'Ada Brandt' }],
    ],
    [
      '/artists?select=id,...works(titles:title,year)&id=in.(1,4)&order=id&works.order=id',
      [
        { id: 1, titles: ['Harbour', 'Quarry'], year: [1899, 1904] },
        { id: 4, titles: [], year: [] },
      ],
    ],
    ['/guides?select=id,...museums(name)&id=eq.2', [{ id: 2, name: ['New Wing'] }]],
    ['/works?select=id,...museums!works_home_fkey(city)&id=eq.3', [{ id: 3, city: 'Oslo' }]],
    ['/artists?select=id,...first_work(title)&id=eq.1', [{ id: 1, title: 'Harbour' }]],
    [
      '/work_files?select=...works(title,artists(name))&work_id=eq.1',
      [{ title: 'Harbour', artists: { name: 'Ada Brandt' } }],
    ],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
});

describe('through functions and profiles', () => {
  test('rows of a function embed what rows of its table do', async () => {
    expect(await rest.read('/rpc/list_artists?min_id=2&select=id,works(id)&id=lt.4')).toEqual([
      { id: 2, works: [{ id: 3 }] },
      { id: 3, works: [{ id: 4 }] },
    ]);
  });
  test('another schema has its own relationships', async () => {
    const headers = { 'accept-profile': 'v2' };
    expect(
      await rest.read('/children?select=id,artists!children_artist_fkey(full_name)', { headers }),
    ).toEqual([{ id: 1, artists: { full_name: 'Ada B. (v2)' } }]);
  });
});

test('postgrest-js: embeds, inner joins, spreads and embedded modifiers', async () => {
  const { data, error } = await rest
    .client()
    .from('artists')
    .select('name, works!inner(title, ...museums!works_home_fkey(house:name))')
    .eq('works.year', 1904);
  expect([error, data]).toEqual([
    null,
    [{ name: 'Ada Brandt', works: [{ title: 'Quarry', house: 'Old Hall' }] }],
  ]);
  const ordered = await rest
    .client()
    .from('artists')
    .select('id, works(id)')
    .eq('id', 1)
    .order('id', { referencedTable: 'works', ascending: false })
    .limit(1, { referencedTable: 'works' });
  expect(ordered.data).toEqual([{ id: 1, works: [{ id: 2 }] }]);
});
