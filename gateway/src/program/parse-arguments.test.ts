import { expect, test } from 'vitest';
import { readSettings } from '../config/read-settings.ts';
import { EXAMPLE } from './example-config.ts';
import { parseArguments } from './parse-arguments.ts';

test.each([
  [[], { kind: 'serve', path: null }],
  [['x.conf'], { kind: 'serve', path: 'x.conf' }],
  [['-v'], { kind: 'print', what: 'version' }],
  [['--help', 'x'], { kind: 'print', what: 'help' }],
  [['--example'], { kind: 'print', what: 'example' }],
  [['--dump'], { kind: 'mistake', sentence: 'unknown option --dump' }],
  [['a', 'b'], { kind: 'mistake', sentence: 'only one configuration file is read' }],
])('%j', (args, command) => {
  expect(parseArguments(args)).toEqual(command);
});

test('the example is a configuration without mistakes, also with every line in force', async () => {
  expect((await readSettings(EXAMPLE)).warnings).toEqual([]);
  const everything = EXAMPLE.replaceAll(/^# (?=[a-z.-]+ = )/gm, '');
  const { warnings, tenant } = await readSettings(everything);
  expect(warnings).toEqual([]);
  expect(tenant.dbMaxRows).toBe(1000);
});
