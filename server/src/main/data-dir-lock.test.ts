import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  bootId,
  findProcessStart,
  isProcessAlive,
  signalProcess,
} from '../drivers/command/process-identity.ts';
import { type DetachedProcess, spawnDetached } from '../drivers/command/spawn-detached.ts';
import { lockDataDir } from './data-dir-lock.ts';

const url = 'http://127.0.0.1:8080';
const isLinux = process.platform === 'linux';
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'backyard-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** A lock file as an earlier process would have left it. */
async function plantLock(fields: object, number = 1): Promise<void> {
  const living = { pid: process.pid, processStart: findProcessStart(process.pid) ?? '', bootId: bootId() };
  const holder = { ...living, url, startedAt: '2026-01-02T03:04:05.000Z', ...fields };
  await writeFile(join(dir, `backyard.lock.${number}`), JSON.stringify(holder));
}

/** The lock can be had, and it is the only one. */
async function expectTaken(number: number): Promise<void> {
  const lock = await lockDataDir(dir, { url });
  expect((await readdir(dir)).filter((name) => name.startsWith('backyard.'))).toEqual([
    `backyard.lock.${number}`,
  ]);
  await lock.release();
}

/** Tries for the lock in processes of their own, at the same moment, and tells what each got. */
async function race(starters: number): Promise<string[]> {
  const results = join(dir, 'results');
  await mkdir(results);
  const script = `
    const { lockDataDir } = await import(${JSON.stringify(join(import.meta.dirname, 'data-dir-lock.ts'))});
    const { appendFileSync, existsSync, writeFileSync } = await import('node:fs');
    const [dir, id] = process.argv.slice(1);
    writeFileSync(dir + '/results/ready-' + id, '');
    while (!existsSync(dir + '/results/go'));
    const got = await lockDataDir(dir, { url: 'http://' + id }).then(() => 'held', (error) => error.code);
    writeFileSync(dir + '/results/got-' + id, got);
    setInterval(() => {}, 1000);`;
  const children: DetachedProcess[] = [];
  for (let id = 0; id < starters; id += 1) {
    const args = ['--input-type=module', '-e', script, dir, String(id)];
    children.push(await spawnDetached({ file: process.execPath, args, logFile: join(results, `log-${id}`) }));
  }
  try {
    const count = async (prefix: string) =>
      (await readdir(results)).filter((name) => name.startsWith(prefix));
    await expect.poll(async () => (await count('ready-')).length, { timeout: 20_000 }).toBe(starters);
    await writeFile(join(results, 'go'), '');
    await expect.poll(async () => (await count('got-')).length, { timeout: 20_000 }).toBe(starters);
    return await Promise.all((await count('got-')).map((name) => readFile(join(results, name), 'utf8')));
  } finally {
    for (const child of children) signalProcess(child.pid, 'SIGKILL');
    await Promise.all(children.map((child) => child.exited));
  }
}

describe('lockDataDir', () => {
  test('a second start says who holds the directory and what to do', async () => {
    const lock = await lockDataDir(dir, { url });
    const error: Error = await lockDataDir(dir, { url: 'http://other' }).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'config.data-dir-held', details: { dir, pid: process.pid, url } });
    expect(error.message).toMatch(
      /runs since \d{4}-.*Z as process \d+, at http:\/\/127\.0\.0\.1:8080\. .*BACKYARD_DATA_DIR/,
    );
    await lock.release();
    await lock.release();
    await (await lockDataDir(dir, { url })).release();
  });

  test('creates the directory and leaves one file', async () => {
    const deep = join(dir, 'a', 'b');
    const first = await lockDataDir(deep, { url });
    await first.release();
    const second = await lockDataDir(deep, { url });
    expect(await readdir(deep)).toEqual(['backyard.lock.2']);
    await second.release();
  });

  test('a late release does not give away the lock of a successor', async () => {
    const first = await lockDataDir(dir, { url });
    await first.release();
    const second = await lockDataDir(dir, { url });
    await first.release();
    await expect(lockDataDir(dir, { url })).rejects.toMatchObject({ code: 'config.data-dir-held' });
    await second.release();
  });

  test('a lock of a dead process is replaced', async () => {
    const child = await spawnDetached({ file: 'true', args: [], logFile: join(dir, 'log') });
    await child.exited;
    expect(isProcessAlive(child.pid)).toBe(false);
    await plantLock({ pid: child.pid, processStart: child.processStart ?? '' });
    await expectTaken(2);
  });

  test.runIf(isLinux)('a lock whose pid some other process has now is replaced', async () => {
    await plantLock({ processStart: '1' });
    await expectTaken(2);
  });

  test.runIf(isLinux)('a lock of an earlier boot is replaced', async () => {
    await plantLock({ bootId: 'another' });
    await expectTaken(2);
  });

  test('a file broken by a power cut is replaced', async () => {
    await writeFile(join(dir, 'backyard.lock.7'), '{"pid":');
    await expectTaken(8);
  });

  test('the highest number rules, whatever the lower ones say', async () => {
    await plantLock({}, 9);
    await plantLock({ pid: 0 }, 8);
    await expect(lockDataDir(dir, { url })).rejects.toMatchObject({ code: 'config.data-dir-held' });
  });

  test('of five starters at once on a fresh directory, one wins', async () => {
    expect((await race(5)).sort()).toEqual([...Array(4).fill('config.data-dir-held'), 'held']);
  });

  test('of five starters at once on a stale lock, one wins', async () => {
    await plantLock({ bootId: 'another', pid: 0 });
    expect((await race(5)).sort()).toEqual([...Array(4).fill('config.data-dir-held'), 'held']);
  });
});
