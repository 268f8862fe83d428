import { expect, test } from 'vitest';
import { renderPairs, renderTable } from './table.ts';

const columns = [
  { title: 'NAME', cell: (row: { name: string; size: string }) => row.name },
  { title: 'SIZE', cell: (row: { name: string; size: string }) => row.size },
];

test('columns start at the same place in every line, and no line ends in blanks', () => {
  const rows = [
    { name: 'shop', size: '1' },
    { name: 'a-much-longer-name', size: '12345' },
  ];
  expect(renderTable(columns, rows)).toBe(
    ['NAME                SIZE', 'shop                1', 'a-much-longer-name  12345'].join('\n'),
  );
});

test('a letter outside the basic plane counts as one', () => {
  expect(renderTable(columns, [{ name: '𝒮hop!', size: '1' }])).toBe('NAME   SIZE\n𝒮hop!  1');
});

test('text from outside cannot steer the terminal or break the line', () => {
  const text = renderTable(columns, [{ name: 'a\u001b[2Jb\nc', size: '\u202etxt' }]);
  expect(text.split('\n')).toHaveLength(2);
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\u202e');
});

test('only the title line is styled', () => {
  const text = renderTable(columns, [{ name: 'shop', size: '1' }], (title) => `<${title}>`);
  expect(text).toBe('<NAME  SIZE>\nshop  1');
});

test('pairs are indented and aligned', () => {
  expect(
    renderPairs([
      ['id', '7'],
      ['status', 'active'],
    ]),
  ).toBe('  id      7\n  status  active');
});
