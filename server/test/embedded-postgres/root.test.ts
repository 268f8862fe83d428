import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/drivers/command/run-command.ts';
import { asUser, chooseRunAs } from '../../src/drivers/embedded-postgres/run-as.ts';
import { lockDataDir } from '../../src/main/data-dir-lock.ts';
import { requireComponent } from '../support/require-component.ts';
import { memoryLog } from '../support/test-log.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.create();
});
afterEach(() => harness.remove());

/** initdb wants a user with a name. */
const NOBODY = { name: 'nobody', uid: 65_534, gid: 65_534 };
const SOMEBODY = { name: 'somebody', uid: 54_321, gid: 54_321 };
/** Bit 2 of a capability set: CAP_DAC_READ_SEARCH. */
const ONLY_READ_SEARCH = '0000000000000004';

async function readStatus(pid: number): Promise<Record<string, string>> {
  const lines = (await readFile(`/proc/${pid}/status`, 'utf8')).split('\n');
  return Object.fromEntries(
    lines.map((line) => line.split(/:\s+/)).map(([key = '', value = '']) => [key, value]),
  );
}

describe.skipIf(!requireComponent('linux', 'root', 'setpriv'))('started by root', () => {
  test('Postgres runs as another user, who owns the cluster and nothing else', async () => {
    const postgres = await harness.start();
    const cluster = await stat(join(harness.dataDir, 'postgres'));
    const status = await readStatus(postgres.pid());
    expect(cluster.uid).not.toBe(0);
    expect(cluster.mode & 0o777).toBe(0o700);
    expect(status.Uid?.split('\t')).toEqual(Array(4).fill(String(cluster.uid)));
    expect(status.Groups?.trim()).toBe('');
    expect((await stat(join(harness.dataDir, 'postgres.json'))).uid).toBe(0);
    await postgres.stop();
  });

  test('below a closed directory it gets the capability to read, and no other', async () => {
    await chmod(harness.dataDir, 0o700);
    const postgres = await harness.start();
    const status = await readStatus(postgres.pid());
    expect(status.Uid).not.toMatch(/^0\t/);
    expect(status).toMatchObject({
      CapEff: ONLY_READ_SEARCH,
      CapPrm: ONLY_READ_SEARCH,
      CapBnd: ONLY_READ_SEARCH,
    });
    expect(harness.messages).toContain(`who cannot enter ${harness.dataDir}`);
    const dsn = postgres.dsn;
    await harness.ask(dsn, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await postgres.stop();
    const again = await harness.start();
    expect(await harness.ask(again.dsn, 'SELECT answer FROM kept')).toBe(42);
    await again.stop();
  });

  test('below an open directory it gets no capability', async () => {
    const parent = { uid: SOMEBODY.uid, gid: SOMEBODY.gid };
    const cluster = join(harness.dataDir, 'postgres');
    await mkdir(cluster);
    await chown(cluster, parent.uid, parent.gid);
    // The binaries of the project may lie below a closed directory, so they are left out here.
    const runAs = await chooseRunAs(cluster, [], memoryLog());
    expect(runAs).toMatchObject({ user: parent, readAnything: false });
    expect(asUser(runAs, 'x', ['y'])).toEqual({ file: 'x', args: ['y'], ...parent });
  });

  test('a cluster that came back from a backup as root gets its owner again', async () => {
    await (await harness.start()).stop();
    const cluster = join(harness.dataDir, 'postgres');
    await runCommand({ file: 'chown', args: ['-R', '0:0', cluster], timeoutMs: 10_000 });
    const postgres = await harness.start();
    expect((await stat(cluster)).uid).not.toBe(0);
    expect(await harness.ask(postgres.dsn, 'SELECT 1')).toBe(1);
    await postgres.stop();
  });

  test('a cluster of another user is run as that user', async () => {
    await (await harness.start()).stop();
    const { uid, gid } = SOMEBODY;
    const cluster = join(harness.dataDir, 'postgres');
    await runCommand({ file: 'chown', args: ['-R', `${uid}:${gid}`, cluster], timeoutMs: 10_000 });
    const postgres = await harness.start();
    expect((await readStatus(postgres.pid())).Uid).toMatch(new RegExp(`^${uid}\t`));
    await postgres.stop();
  });
});

describe.skipIf(!requireComponent('linux', 'root', 'setpriv'))('started by somebody else', () => {
  test('Postgres runs as that user, without any capability of ours', async () => {
    await chown(harness.dataDir, NOBODY.uid, NOBODY.gid);
    await chmod(harness.dataDir, 0o700);
    const logFile = join(harness.dataDir, 'stand-in.log');
    // With the capability to read, because the project may lie in a directory of root's.
    const standIn = await harness.startStandIn((file, args) => ({
      ...asUser({ user: NOBODY, readAnything: true }, file, args),
      logFile,
    }));
    const status = await readStatus(standIn.postgresPid);
    expect(status.Uid?.split('\t')).toEqual(Array(4).fill(String(NOBODY.uid)));
    expect(await harness.ask(standIn.dsn, 'SELECT 1')).toBe(1);
    expect((await stat(join(harness.dataDir, 'postgres.json'))).uid).toBe(NOBODY.uid);
  });

  test('a cluster that it may not read is a sentence', async () => {
    await (await harness.start()).stop();
    const refused = expect(asEffectiveUser(NOBODY, () => harness.start())).rejects;
    await refused.toMatchObject({
      code: 'config.postgres-cluster',
      message: expect.stringMatching(/cannot be read \(EACCES\); start Backyard as the user who owns it/),
    });
  });

  test('a data directory that it may not write is a sentence', async () => {
    const refused = expect(asEffectiveUser(NOBODY, () => lockDataDir(harness.dataDir, { url: '' }))).rejects;
    await refused.toMatchObject({
      code: 'config.data-dir-unusable',
      message: expect.stringContaining(`${harness.dataDir} cannot be used (EACCES)`),
    });
  });
});

/** Without the rights of root for a moment. A process of its own might not be able to read the project. */
async function asEffectiveUser<T>({ uid, gid }: typeof NOBODY, act: () => Promise<T>): Promise<T> {
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
