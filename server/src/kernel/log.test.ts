import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What a process of its own writes to standard error, line by line; its standard output stays clean. */
function logged(statement: string): Record<string, unknown>[] {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)};
    const log = createLog({ level: 'info', pretty: false });
    ${statement}`;
  const args = ['--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 8_000 });
  expect(stdout).toBe('');
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
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
