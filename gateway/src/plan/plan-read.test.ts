import { expect, test } from 'vitest';
import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import { parseRequest } from '../request/parse-request.ts';
import { requestOf, tenantSettings } from '../request/test-requests.ts';
import { keyOf, type Routine } from '../schema/schema-cache.ts';
import type { ReadPlan } from './plan.ts';
import { planRead, type ReadSource } from './plan-read.ts';
import { filmCache } from './test-cache.ts';

const films = { schema: 'api', name: 'films' };
const colour = { schema: 'api', name: 'colour_to_json' };
const fromText = { schema: 'api', name: 'colour_from_text' };
const cache = filmCache({
  computedFields: new Map([
    [
      keyOf(films),
      [
        { function: { schema: 'api', name: 'shout' }, type: 'text' },
        { function: { schema: 'hidden', name: 'unseen' }, type: 'text' },
        { function: { schema: 'extra', name: 'doc' }, type: 'json' },
      ],
    ],
  ]),
  representations: [
    { from: 'api.colour', to: 'json', function: colour },
    { from: 'text', to: 'api.colour', function: fromText },
  ],
});

function plan(url: string, changes: Partial<TenantSettings> = {}, source?: ReadSource): ReadPlan {
  const settings = tenantSettings({ dbSchemas: ['api'], dbExtraSearchPath: ['extra'], ...changes });
  const { query, target, range } = parseRequest(requestOf('GET', url), settings);
  const name = target.kind === 'root' ? '' : target.name;
  const from: ReadSource = source ?? { kind: 'table', table: { schema: 'api', name } };
  return planRead(query, from, cache, settings, range);
}

function faultOf(url: string, changes: Partial<TenantSettings> = {}): RestFault {
  try {
    plan(url, changes);
  } catch (error) {
    if (error instanceof RestFault) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

const namesOf = (read: ReadPlan | undefined): string[] => (read?.select ?? []).map(({ name }) => name);

test('a table that is not there is a fault with the name that was meant', () => {
  expect(faultOf('/film')).toMatchObject({
    status: 404,
    code: 'PGRST205',
    message: "Could not find the table 'api.film' in the schema cache",
    hint: "Perhaps you meant the table 'api.films'",
  });
});

test('fields are called by alias, aggregate, last key of the path, or column', () => {
  const url = '/films?select=id,t:title,extra->a->0->>b,extra->1,id.sum(),n:id.count(),count()';
  expect(namesOf(plan(url, { dbAggregatesEnabled: true }))).toEqual([
    ...['id', 't', 'b', 'extra', 'sum', 'n', 'count'],
  ]);
});

test('a column that is not there is told as Postgres tells it', () => {
  expect(faultOf('/films?select=titel')).toMatchObject({
    status: 400,
    code: '42703',
    message: 'column films.titel does not exist',
    hint: 'Perhaps you meant to reference the column "films.title".',
  });
  expect(faultOf('/films?select=roles(prt)').message).toBe('column roles_1.prt does not exist');
  expect(faultOf('/films?nope=eq.1').message).toBe('column films.nope does not exist');
  expect(faultOf('/films?order=nope').message).toBe('column films.nope does not exist');
  expect(faultOf('/films?or=(id.eq.1,nope.eq.1)').message).toBe('column films.nope does not exist');
});

test('functions of a row are fields where the search path finds them', () => {
  expect(namesOf(plan('/films?select=shout,doc->a'))).toEqual(['shout', 'a']);
  expect(faultOf('/films?select=unseen').code).toBe('42703');
});

test('paths into arrays and composites start from JSON, paths into JSON do not', () => {
  const [tags, extra, doc, shout] = plan('/films?select=tags->0,extra->a,doc->a,shout->a').select;
  expect([tags, extra, doc, shout].map((one) => one?.field.needsToJson)).toEqual([true, false, false, true]);
});

test('a star stays one, but for columns that are shown otherwise', () => {
  expect(namesOf(plan('/people?select=*'))).toEqual(['*']);
  const { select } = plan('/films?select=*');
  expect(select.map(({ name }) => name)).toEqual([
    ...['id', 'title', 'director', 'sequel_of', 'extra', 'tags', 'colour'],
  ]);
  expect(select.at(-1)?.field.transform).toEqual(colour);
});

test('representations show and compare values, unless a cast says otherwise', () => {
  const { select, where, order } = plan('/films?select=colour,x:colour::text&colour=eq.red&order=colour');
  expect(select.map(({ field }) => field.transform)).toEqual([colour, null]);
  expect(where[0]).toMatchObject({ field: { transform: fromText } });
  expect(order[0]?.field.transform).toBeNull();
});

test('filters, logic, order and limits go where their paths lead', () => {
  const url =
    '/films?select=id,cast:roles(part,people(name))&id=gt.1&or=(id.eq.2,id.eq.3)&cast.part=eq.x' +
    '&cast.people.name=like.A*&cast.order=part.desc&cast.limit=3&cast.offset=1&cast.people.or=(id.eq.1,id.eq.2)';
  const read = plan(url);
  const roles = read.embeds[0]?.read;
  const people = roles?.embeds[0]?.read;
  expect(read.where.map(({ kind }) => kind)).toEqual(['filter', 'group']);
  expect(roles?.where).toMatchObject([{ field: { name: 'part' } }]);
  expect(roles?.order).toMatchObject([{ field: { name: 'part' }, direction: 'desc' }]);
  expect(roles?.range).toEqual({ limit: 3, offset: 1 });
  expect(people?.where.map(({ kind }) => kind)).toEqual(['filter', 'group']);
});

test.each([
  '/films?select=id&roles.part=eq.1',
  '/films?select=id,cast:roles(part)&roles.part=eq.1',
  '/films?select=roles(part)&roles.people.name=eq.1',
  '/films?select=id&roles.order=part',
  '/films?select=id&roles.limit=1',
  '/films?select=id&roles.or=(part.eq.1,part.eq.2)',
  '/films?select=id&order=roles(part)',
])('%s names what is not embedded', (url) => {
  const fault = faultOf(url);
  expect(fault).toMatchObject({ status: 400, code: 'PGRST108' });
  expect(fault.hint).toMatch(/^Verify that '\w+' is included in the 'select' query parameter\.$/);
});

test('joins go by the columns of the key, and through the junction', () => {
  const [roles, people] = plan('/films?select=roles(part),people!roles(name)').embeds;
  expect(roles).toMatchObject({
    isToOne: false,
    junction: null,
    conditions: [{ nearAlias: 'films', nearColumn: 'id', farAlias: 'roles_1', farColumn: 'film' }],
  });
  expect(people).toMatchObject({
    isToOne: false,
    junction: { table: { schema: 'api', name: 'roles' }, alias: 'roles_1_2' },
    conditions: [
      { nearAlias: 'films', nearColumn: 'id', farAlias: 'roles_1_2', farColumn: 'film' },
      { nearAlias: 'people_1', nearColumn: 'id', farAlias: 'roles_1_2', farColumn: 'person' },
    ],
  });
});

test('whether an embedded resource is null can be asked anywhere among the filters', () => {
  const read = plan('/films?select=id,roles()&roles=not.is.null&or=(id.eq.1,roles.is.null)');
  const [roles] = read.embeds;
  expect(roles?.isHidden).toBe(true);
  expect(read.where).toMatchObject([
    { kind: 'embed-null', embedAlias: roles?.read.alias, isNegated: true },
    { kind: 'group', children: [{ kind: 'filter' }, { kind: 'embed-null', isNegated: false }] },
  ]);
  expect(plan('/films?select=id,roles()&roles=is.not_null').where).toMatchObject([{ isNegated: true }]);
  expect(faultOf('/films?select=id,cast:roles()&cast=eq.1')).toMatchObject({
    status: 400,
    code: 'PGRST120',
    message: "Bad operator on the 'roles' embedded resource",
    details: 'Only is null or not is null filters are allowed on embedded resources',
  });
});

test('rows can be ordered by what they have one of', () => {
  const read = plan('/films?select=id,director(name)&order=director(born).desc,id');
  expect(read.order).toMatchObject([
    { field: { name: 'born' }, embedAlias: 'people_1', direction: 'desc' },
    { field: { name: 'id' }, embedAlias: null },
  ]);
  expect(faultOf('/films?select=id,roles(part)&order=roles(part)')).toMatchObject({
    status: 400,
    code: 'PGRST118',
    message: "A related order on 'roles' is not possible",
    details: "'films' and 'roles' do not form a many-to-one or one-to-one relationship",
  });
});

test('aggregates must be enabled, the old count need not', () => {
  expect(faultOf('/films?select=id.sum()')).toMatchObject({
    status: 400,
    code: 'PGRST123',
    message: 'Use of aggregate functions is not allowed',
  });
  expect(faultOf('/films?select=roles(count())').code).toBe('PGRST123');
  expect(plan('/films?select=count').select).toMatchObject([
    { field: { name: '*' }, aggregate: 'count', name: 'count' },
  ]);
});

test('fields of a spread become the fields of the parent, aggregates too', () => {
  const [spread] = plan('/films?select=id,...director(who:name,born.max(),count())', {
    dbAggregatesEnabled: true,
  }).embeds;
  expect(spread?.lifts).toEqual([
    { from: 's1', name: 'who', aggregate: null, aggregateCast: null },
    { from: 's2', name: 'max', aggregate: 'max', aggregateCast: null },
    { from: 's3', name: 'count', aggregate: 'count', aggregateCast: null },
  ]);
  expect(spread?.read.select.map(({ name, aggregate }) => [name, aggregate])).toEqual([
    ['s1', null],
    ['s2', null],
    ['s3', null],
  ]);
});

test('spreads in spreads are lifted all the way', () => {
  const [spread] = plan('/roles?select=part,...films(title,...director(name,born))').embeds;
  expect(spread?.lifts.map(({ name }) => name)).toEqual(['title', 'name', 'born']);
  expect(spread?.read.embeds[0]?.lifts.map(({ name }) => name)).toEqual(['s2', 's3']);
});

test('a spread of many has no aggregates', () => {
  const settings = { dbAggregatesEnabled: true };
  expect(faultOf('/films?select=id,...roles(count())', settings)).toMatchObject({
    status: 400,
    code: 'PGRST127',
    message: 'Feature not implemented',
    details: 'Aggregates are not implemented for one-to-many or many-to-many spreads.',
  });
  expect(faultOf('/films?select=id,...roles(...people(born.max()))', settings).code).toBe('PGRST127');
});

test('the largest number of rows holds at every level that has many', () => {
  const read = plan('/films?select=id,roles(part,people(name))&limit=50&roles.limit=3', { dbMaxRows: 10 });
  const roles = read.embeds[0]?.read;
  expect([read.range.limit, roles?.range.limit, roles?.embeds[0]?.read.range.limit]).toEqual([10, 3, null]);
  expect(plan('/films?select=id,roles(part)', { dbMaxRows: 10 }).embeds[0]?.read.range.limit).toBe(10);
});

test('what a mutation returned is neither filtered nor limited', () => {
  const source = { kind: 'mutation', table: films } as const;
  const read = plan(
    '/films?select=id,roles(part)&id=eq.1&roles.part=eq.x&roles.limit=1',
    { dbMaxRows: 1 },
    source,
  );
  expect(read).toMatchObject({ alias: 'films', from: { kind: 'source' }, where: [], range: { limit: null } });
  expect(read.embeds[0]?.read).toMatchObject({ where: [{ kind: 'filter' }], range: { limit: null } });
});

const routine: Routine = {
  schema: 'api',
  name: 'list',
  description: null,
  parameters: [],
  returns: { isSet: true, kind: 'composite', type: films, isRecord: false },
  volatility: 'stable',
  hasVariadic: false,
  settings: [],
  isolation: null,
};

test('what a call returned is filtered, and related as the table it is of', () => {
  const read = plan('/films?select=id,director(first_film(id))&id=eq.1', {}, { kind: 'call', routine });
  expect(read).toMatchObject({ alias: 'films', from: { kind: 'source' }, where: [{ kind: 'filter' }] });
  expect(read.embeds[0]?.read.embeds[0]?.read.from).toMatchObject({ kind: 'computed', nearColumns: null });
  const people = { ...routine, returns: { ...routine.returns, type: { schema: 'api', name: 'people' } } };
  const computed = plan('/people?select=first_film(id)', {}, { kind: 'call', routine: people });
  expect(computed.embeds[0]?.read.from).toMatchObject({ nearColumns: ['id', 'name', 'born'] });
});

test('what nobody knows the columns of may have any', () => {
  const record = { ...routine, returns: { ...routine.returns, isRecord: true } };
  const read = plan('/films?select=*,anything&other=eq.1', {}, { kind: 'call', routine: record });
  expect(namesOf(read)).toEqual(['*', 'anything']);
  expect(read.alias).toBe('list');
});
