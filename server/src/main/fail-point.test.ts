import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failPointOf } from './fail-point.ts';

describe('failPointOf', () => {
  test('nothing set, nothing happens', () => {
    expect(failPointOf(null)('database/active/create:before')).toBeUndefined();
  });

  test('error:<point> fails there, once', () => {
    const pass = failPointOf('error:database/active/create:before');
    expect(() => pass('database/active/create:after')).not.toThrow();
    expect(() => pass('database/active/create')).not.toThrow();
    expect(() => pass('database/active/create:before')).toThrow(
      expect.objectContaining({ code: 'fail-point' }),
    );
    expect(() => pass('database/active/create:before')).not.toThrow();
  });

  test('kill:<point> ends the process as a power cut would', () => {
    const script = `
      import { failPointOf } from ${JSON.stringify(join(import.meta.dirname, 'fail-point.ts'))};
      const pass = failPointOf('kill:settle/database:after');
      process.on('exit', () => process.stdout.write('a last word'));
      pass('settle/database:before');
      process.stdout.write('alive');
      pass('settle/database:after');
      process.stdout.write(' and still alive');`;
    const args = ['--input-type=module', '-e', script];
    const { signal, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 9_000 });
    expect([signal, stdout]).toEqual(['SIGKILL', 'alive']);
  });
});
