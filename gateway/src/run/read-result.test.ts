import { expect, test } from 'vitest';
import { readExplain, readPlanRows, readResultRow } from './read-result.ts';

const COLUMNS = ['total', 'rows', 'body', 'location', 'inserted', 'responseHeaders', 'responseStatus'];

function result(row: readonly (string | null)[], bodyType = 25) {
  return { columns: COLUMNS.map((name) => ({ name, typeId: name === 'body' ? bodyType : 25 })), rows: [row] };
}

test('numbers, texts and gaps', () => {
  expect(readResultRow(result(['12', '3', '[]', 'id=eq.1', '0', '[{}]', '418']))).toEqual({
    total: 12,
    rows: 3,
    body: '[]',
    location: 'id=eq.1',
    inserted: 0,
    responseHeaders: '[{}]',
    responseStatus: '418',
  });
  expect(readResultRow(result([null, '0', null, null, null, null, null]))).toMatchObject({
    total: null,
    rows: 0,
    body: null,
    inserted: null,
  });
});

test('bytes come in either notation', () => {
  const body = (text: string) => readResultRow(result([null, '1', text, null, null, null, null], 17)).body;
  expect(body('\\x00ff61')).toEqual(Buffer.from([0, 255, 97]));
  expect(body('a\\000\\377\\\\b')).toEqual(Buffer.from([97, 0, 255, 92, 98]));
});

test('a main statement answers one row, or it is a fault', () => {
  expect(() => readResultRow({ columns: [], rows: [] })).toThrow('one row');
  expect(() => readResultRow({ columns: [], rows: [[], []] })).toThrow('one row');
});

test('the lines of an EXPLAIN, and the rows that it expects', () => {
  expect(readExplain({ columns: [], rows: [['a'], ['  b']] })).toBe('a\n  b');
  expect(readPlanRows({ columns: [], rows: [['[{"Plan": {"Plan Rows": 42}}]']] })).toBe(42);
});
