import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isProcessAlive } from './process-identity.ts';
import { runCommand } from './run-command.ts';

const node = process.execPath;

/** Runs a line of JavaScript in a process of its own. */
function runScript(script: string, options: Partial<Parameters<typeof runCommand>[0]> = {}) {
  return runCommand({ file: node, args: ['-e', script], timeoutMs: 10_000, ...options });
}

describe('runCommand', () => {
  test('answers both outputs and takes input', async () => {
    const script = 'process.stdin.pipe(process.stdout); console.error("note")';
    expect(await runScript(script, { input: 'häl\n' })).toEqual({
      stdout: 'häl\n',
      stderr: 'note\n',
      exitCode: 0,
    });
  });

  test('hands arguments over as they are, past no shell', async () => {
    const args = [
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '$(id)',
      '; ls',
      '*',
      'a b',
      "'",
    ];
    const { stdout } = await runCommand({ file: node, args, timeoutMs: 10_000 });
    expect(JSON.parse(stdout)).toEqual(['$(id)', '; ls', '*', 'a b', "'"]);
  });

  test('gives nothing of our environment away', async () => {
    const { stdout } = await runScript('console.log(JSON.stringify(process.env))', { env: { GIVEN: 'yes' } });
    expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(['GIVEN', 'LC_ALL', 'PATH']);
  });

  test('an exit code is a fault with the last line of stderr, without secrets', async () => {
    const script =
      'console.error("first"); console.error("login of s3cret-and-more with s3cret failed"); process.exit(3)';
    await expect(runScript(script, { redact: ['s3cret', '', 's3cret-and-more'] })).rejects.toMatchObject({
      code: 'command.failed',
      message: `node failed with exit code 3: login of [redacted] with [redacted] failed`,
      details: { program: 'node', exitCode: 3, signal: null },
    });
  });

  test('an exit code that is an answer is no fault', async () => {
    expect((await runScript('process.exit(3)', { exitCodes: [0, 3] })).exitCode).toBe(3);
  });

  test('a program that is not there is said to be so', async () => {
    const command = { file: 'no-such-program', args: ['s3cret'], timeoutMs: 1_000 };
    await expect(runCommand(command)).rejects.toMatchObject({
      code: 'command.not-found',
      message: 'no-such-program was not found',
    });
  });

  test('a deadline ends a program that ignores SIGTERM, with its children', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'backyard-command-'));
    const pidFile = join(dir, 'pid');
    const script = `
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' });
      require('node:fs').writeFileSync(process.argv[1], String(child.pid));
      setInterval(() => {}, 1000);`;
    const args = ['-e', script, pidFile];
    await expect(runCommand({ file: node, args, timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'command.timeout',
    });
    expect(isProcessAlive(Number(await readFile(pidFile, 'utf8')))).toBe(false);
    await rm(dir, { recursive: true });
  });

  test('does not wait for a daemon that keeps the pipes open', async () => {
    const script = `
      const child = require('node:child_process').spawn('sleep', ['4'], { stdio: 'inherit', detached: true });
      child.unref(); console.log('started');`;
    const startMs = performance.now();
    expect((await runScript(script)).stdout).toBe('started\n');
    expect(performance.now() - startMs).toBeLessThan(3_500);
  });

  test('is called off by its signal, before and while it runs', async () => {
    const sleeping = 'setInterval(() => {}, 1000)';
    await expect(runScript(sleeping, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'command.aborted',
    });
    const abort = new AbortController();
    const running = runScript(sleeping, { signal: abort.signal });
    const refused = expect(running).rejects.toMatchObject({ code: 'command.aborted' });
    await delay(50);
    abort.abort();
    await refused;
  });

  test('output without an end is cut off', async () => {
    const script = 'setInterval(() => process.stdout.write("x".repeat(65536)), 1)';
    await expect(runScript(script, { maxOutputBytes: 100_000 })).rejects.toMatchObject({
      code: 'command.output-limit',
    });
  });

  test('a program that never reads its input can still succeed', async () => {
    expect((await runScript('process.exit(0)', { input: 'x'.repeat(1_000_000) })).exitCode).toBe(0);
  });
});
