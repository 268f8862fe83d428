import { describe, expect, test } from 'vitest';
import { parseQuery } from './parse-query.ts';

function selected(text: string): unknown {
  return parseQuery(`select=${encodeURIComponent(text)}`, false).query.select;
}

const base = { kind: 'field', alias: null, cast: null, aggregate: null, aggregateCast: null };
function column(name: string, more: object = {}): object {
  return { ...base, field: { name, path: [] }, ...more };
}
function relation(name: string, children: object[], more: object = {}): object {
  return { kind: 'relation', name, alias: null, hint: null, join: null, children, ...more };
}

describe('select', () => {
  test('is everything when absent, and nothing when empty', () => {
    expect(parseQuery('', false).query.select).toEqual([column('*')]);
    expect(parseQuery('select', false).query.select).toEqual([column('*')]);
    expect(selected('')).toEqual([]);
  });

  test('reads names with spaces, hyphens, unicode, and quoted ones', () => {
    expect(selected('id, full name ,a-b,ñandú,"we,ird.(\\"x\\")"')).toEqual([
      column('id'),
      column('full name'),
      column('a-b'),
      column('ñandú'),
      column('we,ird.("x")'),
    ]);
  });

  test('reads aliases, casts and JSON paths', () => {
    expect(selected('t:name::text,data->a->>0,x:data->"k,k"->-1::int,a->!@#$%^&*_b')).toEqual([
      column('name', { alias: 't', cast: 'text' }),
      column('data', {
        field: {
          name: 'data',
          path: [
            { arrow: '->', operand: 'a', isIndex: false },
            { arrow: '->>', operand: '0', isIndex: true },
          ],
        },
      }),
      column('data', {
        alias: 'x',
        cast: 'int',
        field: {
          name: 'data',
          path: [
            { arrow: '->', operand: 'k,k', isIndex: false },
            { arrow: '->', operand: '-1', isIndex: true },
          ],
        },
      }),
      column('a', { field: { name: 'a', path: [{ arrow: '->', operand: '!@#$%^&*_b', isIndex: false }] } }),
    ]);
  });

  test('reads aggregates with casts before and after', () => {
    expect(selected('count(),n:count()::text,amount.sum(),m:amount::int.avg()::text,a->b.max(),min')).toEqual(
      [
        column('*', { aggregate: 'count' }),
        column('*', { aggregate: 'count', alias: 'n', aggregateCast: 'text' }),
        column('amount', { aggregate: 'sum' }),
        column('amount', { aggregate: 'avg', alias: 'm', cast: 'int', aggregateCast: 'text' }),
        column('a', {
          aggregate: 'max',
          field: { name: 'a', path: [{ arrow: '->', operand: 'b', isIndex: false }] },
        }),
        column('min'),
      ],
    );
  });

  test('reads relations: nested, aliased, hinted, inner, spread, empty', () => {
    expect(selected('*,r(*),al:r!fk!inner(id,s(x)),...t!left!h(y), u ()')).toEqual([
      column('*'),
      relation('r', [column('*')]),
      relation('r', [column('id'), relation('s', [column('x')])], { alias: 'al', hint: 'fk', join: 'inner' }),
      relation('t', [column('y')], { kind: 'spread', hint: 'h', join: 'left' }),
      relation('u', []),
    ]);
  });

  test('counts inside of a relation', () => {
    expect(selected('r(count())')).toEqual([relation('r', [column('*', { aggregate: 'count' })])]);
  });
});
