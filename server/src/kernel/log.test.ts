import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What a process of its own writes to standard error, line by line. */
function logged(statement: string): Record<string, unknown>[] {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)};
    const log = createLog({ level: 'info', pretty: false });
    process.stdout.write('answer');
    ${statement}`;
  const redirect = ['--input-type=module', '-e', script];
  const { stderr, stdout } = run(redirect);
  expect(stdout).toBe('answer');
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function run(args: readonly string[]): { stdout: string; stderr: string } {
  // The outer process hands the inner one's two outputs over as one JSON text.
  const outer = `
    const { spawnSync } = require('node:child_process');
    const { stdout, stderr } = spawnSync(process.execPath, ${JSON.stringify(args)}, { encoding: 'utf8' });
    process.stdout.write(JSON.stringify({ stdout, stderr }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', outer], { encoding: 'utf8', timeout: 8_000 }));
}

test('logs are JSON on standard error, without the secrets that were handed in', () => {
  const [line, ...rest] = logged(`
    log.debug('too fine');
    log.info({
      password: 'swordfish', token: 'ora_1', user: { password: 'swordfish', token: 'ora_1', name: 'ada' },
      req: { headers: { authorization: 'Bearer ora_1' } }, err: new Error('broken'),
    }, 'something happened');`);
  expect(rest).toEqual([]);
  expect(JSON.stringify(line)).not.toMatch(/swordfish|ora_1/);
  expect(line).toMatchObject({
    msg: 'something happened',
    password: '**********',
    user: { name: 'ada', token: '**********' },
    err: { message: 'broken', type: 'Error' },
  });
});
