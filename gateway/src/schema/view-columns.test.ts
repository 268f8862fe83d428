import { describe, expect, test } from 'vitest';
import { parseViewColumns } from './view-columns.ts';

const VAR = '{VAR :varno 1 :varattno 1 :vartype 23 :location -1}';

function entry(resno: number, name: string, origin: string, expression = VAR, isJunk = false): string {
  return `{TARGETENTRY :expr ${expression} :resno ${resno} :resname ${name} :ressortgroupref 0 ${origin} :resjunk ${isJunk}}`;
}

function from(table: number, column: number): string {
  return `:resorigtbl ${table} :resorigcol ${column}`;
}

function query(entries: readonly string[], before = '<>'): string {
  return `{QUERY :commandType 1 :rtable ${before} :jointree <> :targetList (${entries.join(' ')}) :override 0 :onConflict <> :stmt_len 9}`;
}

function parse(entries: readonly string[], before?: string): Record<number, unknown> {
  return Object.fromEntries(parseViewColumns(`(${query(entries, before)})`));
}

describe('parseViewColumns', () => {
  test('tells the table and the column of every plain column', () => {
    expect(parse([entry(1, 'id', from(16400, 1)), entry(2, 'name', from(16401, 12))])).toEqual({
      1: { table: 16400, column: 1 },
      2: { table: 16401, column: 12 },
    });
  });

  test('leaves out expressions, entries for sorting only, and system columns', () => {
    const entries = [
      entry(1, 'sum', from(0, 0)),
      entry(2, 'hidden', from(16400, 2), VAR, true),
      entry(3, 'ctid', from(16400, -1)),
    ];
    expect(parse(entries)).toEqual({});
  });

  test('looks at the outermost query only', () => {
    const inner = query([entry(1, 'inner', from(999, 9))]);
    const sublink = `{SUBLINK :subselect ${inner} :location 1}`;
    const entries = [entry(1, 'a', from(0, 0), sublink), entry(2, 'b', from(16400, 3))];
    expect(parse(entries, `({RANGETBLENTRY :subquery ${inner}})`)).toEqual({
      2: { table: 16400, column: 3 },
    });
  });

  test('is not misled by names that look like a part of the tree', () => {
    const names = [
      '\\}\\)\\ :targetList\\ \\(\\{TARGETENTRY',
      ':resorigtbl\\ 7\\ :resorigcol\\ 9\\ :resjunk\\ false\\}',
      '\\\\',
      '\\{\\{\\{',
      '<>',
    ];
    const entries = names.map((name, i) => entry(i + 1, name, from(16400, i + 1)));
    expect(Object.keys(parse(entries, `({ALIAS :aliasname \\}\\}\\{ :colnames ("a\\}\\ b")})`))).toHaveLength(
      names.length,
    );
  });

  test.each(['', '<>', '(', '({QUERY :targetList', '({QUERY :targetList ({TARGETENTRY', '}}}}', '\\'])(
    'finds nothing in %j',
    (rule) => {
      expect(parseViewColumns(rule).size).toBe(0);
    },
  );
});
