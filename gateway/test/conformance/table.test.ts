import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const TABLE = new URL('../../../docs/rest-api.md', import.meta.url);
const TESTS = new URL('../', import.meta.url);
const SHOWN = /^\| .* \| `(?<file>[\w/.-]+\.test\.ts)` › (?<names>[^|]+) \| /gm;

/** The words in quotes after `test(`, `describe(`, or on a line of their own below `test(`. */
function namesIn(source: string): ReadonlySet<string> {
  const found = source.matchAll(/(?:test|describe)\(\s*'((?:[^'\\]|\\.)*)'/g);
  return new Set([...found].map(([, name]) => name ?? ''));
}

/** Names may hold commas themselves. */
function isMadeOf(text: string, names: ReadonlySet<string>): boolean {
  if (names.has(text)) return true;
  return [...names].some(
    (name) => text.startsWith(`${name}, `) && isMadeOf(text.slice(name.length + 2), names),
  );
}

test('every row of the conformance table names tests that exist', async () => {
  const rows = [...(await readFile(TABLE, 'utf8')).matchAll(SHOWN)].map(({ groups }) => groups ?? {});
  const wrong: string[] = [];
  for (const { file = '', names = '' } of rows) {
    const source = await readFile(new URL(file, TESTS), 'utf8');
    if (!isMadeOf(names, namesIn(source))) wrong.push(`${file} › ${names}`);
  }
  expect(wrong).toEqual([]);
  expect(rows.length).toBeGreaterThan(60);
});
