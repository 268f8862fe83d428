import { expect, test } from 'vitest';
import { createProgram } from './program.ts';
import { splitAtDashes } from './run.ts';

test.each([
  [['psql', 'shop'], ['psql', 'shop'], []],
  [
    ['psql', 'shop', '--', '-c', 'select 1', '--', 'x'],
    ['psql', 'shop'],
    ['-c', 'select 1', '--', 'x'],
  ],
  [['psql', 'shop', '--'], ['psql', 'shop'], []],
])('%j splits at the first --', (words, before, after) => {
  expect(splitAtDashes(words)).toEqual({ before, after });
});

test('no option takes a secret: it would show in the list of processes', () => {
  const flags = createProgram([]).commands.flatMap((command) => [
    ...command.options.map((option) => option.flags),
    ...command.commands.flatMap((verb) => verb.options.map((option) => option.flags)),
  ]);
  expect(flags).toContain('--password-stdin');
  expect(flags.filter((text) => /(password|token|key|secret)\S* [<[]/.test(text))).toEqual([]);
});

test('every command and argument says what it is', () => {
  const commands = createProgram([]).commands.flatMap((command) => [command, ...command.commands]);
  expect(commands.filter((command) => command.description() === '')).toEqual([]);
  const unexplained = commands.flatMap((command) =>
    command.registeredArguments.filter((argument) => argument.description === ''),
  );
  expect(unexplained).toEqual([]);
});
