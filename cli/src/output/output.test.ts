import { expect, test } from 'vitest';
import { createOutput, type OutputOptions, useColor } from './output.ts';

class Screen {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

function opened(options: Partial<OutputOptions> = {}, isTTY = false) {
  const stdout = new Screen(isTTY);
  const stderr = new Screen(isTTY);
  const defaults = { json: false, quiet: false, color: true, environment: {} };
  return { stdout, stderr, output: createOutput({ ...defaults, ...options, stdout, stderr }) };
}

test('people read words on stdout and hints on stderr', () => {
  const { output, stdout, stderr } = opened();
  output.result({ id: 1 }, () => 'Created.');
  output.note('Next: …');
  expect(stdout.text).toBe('Created.\n');
  expect(stderr.text).toBe('Next: …\n');
});

test('programs read the body alone, and nothing where there is none', () => {
  const { output, stdout, stderr } = opened({ json: true });
  output.result({ id: 1, name: 'é' }, () => 'Created.');
  output.result(null, () => 'Deleted.');
  output.note('Next: …');
  expect(stdout.text).toBe('{"id":1,"name":"é"}\n');
  expect(stderr.text).toBe('');
});

test('what a person must do is told to everybody, beside the result', () => {
  const { output, stdout, stderr } = opened({ json: true, quiet: true });
  output.tell('Open this.');
  expect(stderr.text).toBe('Open this.\n');
  expect(stdout.text).toBe('');
});

test('quiet drops hints and keeps results and warnings', () => {
  const { output, stdout, stderr } = opened({ quiet: true });
  output.result({}, () => 'Created.');
  output.note('Next: …');
  output.warn('careful');
  expect(stdout.text).toBe('Created.\n');
  expect(stderr.text).toBe('warning: careful\n');
});

test.each([
  ['a terminal', {}, true, true],
  ['no terminal', {}, false, false],
  ['--no-color', { color: false }, true, false],
  ['NO_COLOR', { environment: { NO_COLOR: '1' } }, true, false],
  ['an empty NO_COLOR', { environment: { NO_COLOR: '' } }, true, true],
  ['a dumb terminal', { environment: { TERM: 'dumb' } }, true, false],
])('colour with %s', (_case, options, isTTY, expected) => {
  expect(useColor({ color: true, environment: {}, ...options }, new Screen(isTTY))).toBe(expected);
  const { output } = opened(options, isTTY);
  expect(output.strong('x')).toBe(expected ? '\u001b[1mx\u001b[22m' : 'x');
});

test('waiting shows a line on a terminal, wipes it, and gives the result', async () => {
  const { output, stdout, stderr } = opened({}, true);
  const { promise, resolve } = Promise.withResolvers<number>();
  const waited = output.waitFor('Creating shop', promise);
  await expect.poll(() => stderr.text).toContain('Creating shop…');
  resolve(7);
  expect(await waited).toBe(7);
  expect(stderr.text.endsWith('\r\u001b[K')).toBe(true);
  expect(stdout.text).toBe('');
});

test.each([
  ['without a terminal', {}, false],
  ['when quiet', { quiet: true }, true],
])('waiting is silent %s', async (_case, options, isTTY) => {
  const silent = opened(options, isTTY);
  const shown = opened({}, true);
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = [silent, shown].map(({ output }) => output.waitFor('Creating shop', promise));
  await expect.poll(() => shown.stderr.text).toContain('Creating shop…');
  resolve();
  await Promise.all(waits);
  expect(silent.stderr.text).toBe('');
});

test('a failed wait wipes its line and passes the fault on', async () => {
  const { output, stderr } = opened({}, true);
  const { promise, reject } = Promise.withResolvers<never>();
  const waited = output.waitFor('Creating shop', promise);
  await expect.poll(() => stderr.text).toContain('Creating shop…');
  reject(new Error('broken'));
  await expect(waited).rejects.toThrow('broken');
  expect(stderr.text.endsWith('\r\u001b[K')).toBe(true);
});
