import { describe, expect, test } from 'vitest';
import type { Query } from '../api-request.ts';
import { parseQuery } from './parse-query.ts';

function query(text: string): Query {
  return parseQuery(text, false).query;
}

function filterOf(value: string, name = 'a'): unknown {
  const [found] = query(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`).filters;
  return found === undefined ? undefined : [found.value.isNegated, found.value.operation];
}

function simple(operator: string, value: string, quantifier: string | null = null): object {
  return { kind: 'simple', operator, quantifier, value };
}

describe('filters', () => {
  test.each([
    'eq',
    'neq',
    'gt',
    'gte',
    'lt',
    'lte',
    'like',
    'ilike',
    'match',
    'imatch',
    'cs',
    'cd',
    'ov',
    'sl',
    'sr',
    'nxr',
    'nxl',
    'adj',
    'isdistinct',
  ])('%s takes the rest of the value', (operator) => {
    expect(filterOf(`${operator}.a.b,(c)"`)).toEqual([false, simple(operator, 'a.b,(c)"')]);
    expect(filterOf(`not.${operator}.`)).toEqual([true, simple(operator, '')]);
  });

  test.each(['eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch'])(
    '%s takes any and all',
    (name) => {
      expect(filterOf(`${name}(any).{a,b}`)).toEqual([false, simple(name, '{a,b}', 'any')]);
      expect(filterOf(`not.${name}(all).{a}`)).toEqual([true, simple(name, '{a}', 'all')]);
    },
  );

  test('is takes its values in any case', () => {
    const values = ['null', 'not_null', 'true', 'false', 'unknown'];
    expect(values.map((value) => filterOf(`is.${value.toUpperCase()}`))).toEqual(
      values.map((value) => [false, { kind: 'is', value }]),
    );
  });

  test('in takes a list', () => {
    const list = (text: string): unknown => filterOf(`in.${text}`);
    expect(list('(1,2, 3)')).toEqual([false, { kind: 'in', values: ['1', '2', ' 3'] }]);
    expect(list('()')).toEqual([false, { kind: 'in', values: [] }]);
    expect(list('("a,b","c\\"d\\\\",e"f,"g"h)')).toEqual([
      false,
      { kind: 'in', values: ['a,b', 'c"d\\', 'e"f', '"g"h'] },
    ]);
  });

  test('text search takes a language', () => {
    expect(['fts', 'plfts', 'phfts', 'wfts'].map((name) => filterOf(`not.${name}(german).a b`))).toEqual(
      ['fts', 'plfts', 'phfts', 'wfts'].map((operator) => [
        true,
        { kind: 'text-search', operator, language: 'german', value: 'a b' },
      ]),
    );
    expect(filterOf('fts.a')).toEqual([
      false,
      { kind: 'text-search', operator: 'fts', language: null, value: 'a' },
    ]);
  });

  test('names may be embedded, quoted and have a JSON path', () => {
    expect(query('r."s.t".d->>k=eq.1&with%20space=eq.2').filters).toEqual([
      {
        path: ['r', 's.t'],
        value: {
          field: { name: 'd', path: [{ arrow: '->>', operand: 'k', isIndex: false }] },
          isNegated: false,
          operation: simple('eq', '1'),
        },
      },
      {
        path: [],
        value: { field: { name: 'with space', path: [] }, isNegated: false, operation: simple('eq', '2') },
      },
    ]);
  });

  test('parameters without a value are no filters', () => {
    expect(query('a&b=eq.1').filters).toHaveLength(1);
  });
});

describe('logic', () => {
  test('reads trees with negation, nesting and blanks', () => {
    const [found] = query('or=( a.eq.1 , not.and(b.is.null,c.not.in.(1,2)), or(d.fts(x).y) )').logic;
    expect(found).toMatchObject({
      path: [],
      value: {
        kind: 'group',
        operator: 'or',
        isNegated: false,
        children: [
          { kind: 'filter', filter: { field: { name: 'a' }, operation: simple('eq', '1 ') } },
          {
            operator: 'and',
            isNegated: true,
            children: [
              { filter: { operation: { kind: 'is', value: 'null' } } },
              { filter: { isNegated: true, operation: { kind: 'in', values: ['1', '2'] } } },
            ],
          },
          { operator: 'or', children: [{ filter: { operation: { kind: 'text-search', value: 'y' } } }] },
        ],
      },
    });
  });

  test('values end at a comma or parenthesis, unless quoted or an array', () => {
    const [found] = query('and=(a.eq."(x,y)",b.cs.{1,2},c.eq.{"q",d.eq.")k)').logic;
    const values = found?.value.kind === 'group' ? found.value.children : [];
    expect(values.map((child) => child.kind === 'filter' && child.filter.operation)).toEqual([
      simple('eq', '(x,y)'),
      simple('cs', '{1,2}'),
      simple('eq', '{"q"'),
      simple('eq', '"'),
    ]);
  });

  test('stands on embedded paths, negated or not', () => {
    expect(query('r.s.not.or=(a.eq.1)&r.and=(a.eq.1)&not.or=(a.eq.1)').logic).toMatchObject([
      { path: ['r', 's'], value: { operator: 'or', isNegated: true } },
      { path: ['r'], value: { operator: 'and', isNegated: false } },
      { path: [], value: { operator: 'or', isNegated: true } },
    ]);
  });

  test('blanks may stand around every part', () => {
    const text = 'and=( and ( id.in.( 1, 2 ) , id.eq.3 ) , or ( id.eq.2 ) )';
    expect(query(text).logic[0]?.value).toMatchObject({
      operator: 'and',
      children: [
        {
          operator: 'and',
          children: [
            { filter: { operation: { values: ['1', ' 2 '] } } },
            { filter: { operation: { value: '3 ' } } },
          ],
        },
        { operator: 'or', children: [{ filter: { operation: { value: '2 ' } } }] },
      ],
    });
  });

  test('a column may be called like an operator', () => {
    expect(query('or=(and.eq.1,not.eq.2,or.is.null)').logic[0]?.value).toMatchObject({
      children: [
        { filter: { field: { name: 'and' } } },
        { filter: { field: { name: 'not' } } },
        { filter: { field: { name: 'or' } } },
      ],
    });
  });
});

describe('order, columns, on_conflict', () => {
  test('order has direction, nulls, paths and relations', () => {
    expect(
      query('order=a,b.desc,c.nullslast,d->>k.asc.nullsfirst,rel(e->f).desc&r.s.order=x.asc').order,
    ).toEqual([
      {
        path: [],
        value: [
          { field: { name: 'a', path: [] }, relation: null, direction: null, nulls: null },
          { field: { name: 'b', path: [] }, relation: null, direction: 'desc', nulls: null },
          { field: { name: 'c', path: [] }, relation: null, direction: null, nulls: 'last' },
          {
            field: { name: 'd', path: [{ arrow: '->>', operand: 'k', isIndex: false }] },
            relation: null,
            direction: 'asc',
            nulls: 'first',
          },
          {
            field: { name: 'e', path: [{ arrow: '->', operand: 'f', isIndex: false }] },
            relation: { name: 'rel', hint: null },
            direction: 'desc',
            nulls: null,
          },
        ],
      },
      {
        path: ['r', 's'],
        value: [{ field: { name: 'x', path: [] }, relation: null, direction: 'asc', nulls: null }],
      },
    ]);
  });

  test('columns and on_conflict are names', () => {
    const { columns, onConflict } = query('columns=a,"b,c", d e ,a&on_conflict=id,x');
    expect([columns, onConflict]).toEqual([
      ['a', 'b,c', 'd e'],
      ['id', 'x'],
    ]);
  });
});

describe('arguments', () => {
  test('of a called function are what has no operator', () => {
    const { query: found } = parseQuery('a=1&b=eq.2&a=3&c=eqx&d=&e=not&f=2020-01-01', true);
    expect(found.args).toEqual([
      ['a', '1'],
      ['a', '3'],
      ['c', 'eqx'],
      ['d', ''],
      ['e', 'not'],
      ['f', '2020-01-01'],
    ]);
    expect(found.filters).toHaveLength(1);
  });

  test('that begin like an operator with a value of its own are refused', () => {
    expect(() => parseQuery('a=in.x', true)).toThrow('failed to parse filter (in.x)');
  });
});

describe('canonical', () => {
  test('is sorted by name and encoded', () => {
    expect(query('b=eq.2&a=eq.1+1&c&a=eq.%C3%BC*').canonical).toBe('a=eq.1%201&a=eq.%C3%BC%2A&b=eq.2&c=');
  });
});

test('what follows a complete text is ignored, as PostgREST does', () => {
  const found = query('and=(a.eq.1))x&a=in.(1)x&b=is.nullable&columns=a:b&c!d=eq.1&select=r(x)y,z');
  expect(found.logic).toHaveLength(1);
  expect(found.filters.map(({ value }) => [value.field.name, value.operation])).toEqual([
    ['a', { kind: 'in', values: ['1'] }],
    ['b', { kind: 'is', value: 'null' }],
    ['c', simple('eq', '1')],
  ]);
  expect(found.columns).toEqual(['a']);
  expect(found.select).toMatchObject([{ name: 'r' }]);
});
