import { expect, test } from 'vitest';
import { RestFault } from '../fault.ts';
import { keyOf, type Relationship, type SchemaCache } from '../schema/schema-cache.ts';
import { findRelationship } from './find-relationship.ts';
import { filmCache, relationship, toOne } from './test-cache.ts';

const cache = filmCache();

function find(near: string, select: string, from: SchemaCache = cache): Relationship {
  const [target = '', hint = null] = select.split('!');
  return findRelationship({ near: { schema: 'api', name: near }, target, hint, schema: 'api' }, from);
}

function kindOf(near: string, select: string): string {
  const found = find(near, select);
  return found.kind === 'computed' ? 'computed' : `${found.cardinality.kind} ${found.far.name}`;
}

function faultOf(near: string, select: string, from: SchemaCache = cache): RestFault {
  try {
    find(near, select, from);
  } catch (error) {
    if (error instanceof RestFault) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

test.each([
  ['roles', 'films', 'many-to-one films'],
  ['roles', 'roles_film_fkey', 'many-to-one films'],
  ['roles', 'film', 'many-to-one films'],
  ['films', 'roles', 'one-to-many roles'],
  ['films', 'director', 'many-to-one people'],
  ['films', 'people!films_director_fkey', 'many-to-one people'],
  ['films', 'people!director', 'many-to-one people'],
  ['films', 'people!roles', 'many-to-many people'],
  ['people', 'films!director', 'one-to-many films'],
  ['people', 'first_film', 'computed'],
])('%s?select=%s(…) is %s', (near, select, expected) => {
  expect(kindOf(near, select)).toBe(expected);
});

test('of a self reference the table means the many and the column the one', () => {
  expect(kindOf('films', 'films')).toBe('one-to-many films');
  expect(kindOf('films', 'films!sequel_of')).toBe('one-to-many films');
  expect(kindOf('films', 'sequel_of')).toBe('many-to-one films');
  expect(kindOf('films', 'films_sequel_fkey')).toBe('many-to-one films');
});

test('none: the child is suggested where the parent is related to anything', () => {
  expect(faultOf('films', 'role')).toMatchObject({
    status: 400,
    code: 'PGRST200',
    message: "Could not find a relationship between 'films' and 'role' in the schema cache",
    details:
      "Searched for a foreign key relationship between 'films' and 'role' in the schema 'api', but no matches were found.",
    hint: "Perhaps you meant 'roles' instead of 'role'.",
  });
});

test('none: the parent is suggested where nothing relates to it', () => {
  expect(faultOf('film', 'roles').hint).toBe("Perhaps you meant 'films' instead of 'film'.");
});

test('none: nothing is suggested where only the hint is wrong', () => {
  const fault = faultOf('films', 'roles!nope');
  expect(fault.hint).toBeNull();
  expect(fault.details).toBe(
    "Searched for a foreign key relationship between 'films' and 'roles' using the hint 'nope' in the schema 'api', but no matches were found.",
  );
});

test('several: all of them are listed, with hints that tell them apart', () => {
  expect(faultOf('films', 'people')).toMatchObject({
    status: 300,
    code: 'PGRST201',
    message: "Could not embed because more than one relationship was found for 'films' and 'people'",
    details: [
      {
        cardinality: 'many-to-one',
        embedding: 'films with people',
        relationship: 'films_director_fkey using films(director) and people(id)',
      },
      {
        cardinality: 'many-to-many',
        embedding: 'films with people',
        relationship: 'roles using roles_film_fkey(film) and roles_person_fkey(person)',
      },
    ],
    hint: "Try changing 'people' to one of the following: 'people!films_director_fkey', 'people!roles'. Find the desired relationship in the 'details' key.",
  });
});

test('every hint that a fault offers finds one relationship', () => {
  const hint = faultOf('films', 'people').hint ?? '';
  const offered = [...hint.matchAll(/'(\w+![\w]+)'/g)].map(([, select]) => select ?? '');
  expect(offered.map((select) => kindOf('films', select))).toEqual([
    'many-to-one people',
    'many-to-many people',
  ]);
});

test('a column or constraint does not lead to a view, its name does', () => {
  const toView = relationship('roles', 'film_view', toOne('roles_film_fkey', 'film'), { isFarView: true });
  const near = keyOf(toView.near);
  const withView = filmCache({
    relationships: new Map([[near, [...(cache.relationships.get(near) ?? []), toView]]]),
  });
  expect(find('roles', 'film', withView).far.name).toBe('films');
  expect(find('roles', 'film_view', withView).far.name).toBe('film_view');
  expect(find('roles', 'film_view!film', withView).far.name).toBe('film_view');
});

test('what stands in another schema is not found', () => {
  const query = { near: { schema: 'api', name: 'roles' }, target: 'films', hint: null, schema: 'v2' };
  expect(() => findRelationship(query, cache)).toThrow('Could not find a relationship');
});
