import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isProcessAlive, signalProcess } from './process-identity.ts';
import { spawnDetached } from './spawn-detached.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'backyard-spawn-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('spawnDetached', () => {
  test('appends both outputs to a private file and tells the exit code', async () => {
    const logFile = join(dir, 'log');
    for (const code of [3, 4]) {
      const args = ['-e', `console.log('out ${code}'); console.error('err ${code}'); process.exit(${code})`];
      const { exited } = await spawnDetached({ file: process.execPath, args, logFile });
      expect(await exited).toEqual({ code, signal: null });
    }
    expect(await readFile(logFile, 'utf8')).toBe('out 3\nerr 3\nout 4\nerr 4\n');
    expect((await stat(logFile)).mode & 0o777).toBe(0o600);
  });

  test('a pid together with its start time names one process and no other', async () => {
    const { pid, processStart, exited } = await spawnDetached({
      file: 'sleep',
      args: ['60'],
      logFile: join(dir, 'log'),
    });
    expect(isProcessAlive(pid, processStart)).toBe(true);
    if (process.platform === 'linux') expect(isProcessAlive(pid, '1')).toBe(false);
    expect(signalProcess(pid, 'SIGKILL')).toBe(true);
    expect(await exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(isProcessAlive(pid, processStart)).toBe(false);
    expect(signalProcess(pid, 'SIGTERM')).toBe(false);
  });

  test('a program that is not there is a fault', async () => {
    const command = { file: join(dir, 'absent'), args: [], logFile: join(dir, 'log') };
    await expect(spawnDetached(command)).rejects.toMatchObject({ code: 'command.not-found' });
  });
});
