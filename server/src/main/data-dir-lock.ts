/**
 * One Backyard per data directory.
 *
 * The lock is the file `backyard.lock.<n>` with the highest n, complete from the moment it exists (written
 * beside, then linked, which fails when the name is taken). A stale one is never removed and made again:
 * between two starters, the slower would remove the lock of the faster. It is outnumbered: of all who try
 * n + 1, one wins. For the same reason a release leaves its file, marked; only lower numbers are deleted.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId, findProcessStart, isProcessAlive } from '../drivers/command/process-identity.ts';
import { Fault } from '../kernel/fault.ts';

export interface DataDirLock {
  /** Lets the directory go. Once is enough; again does nothing. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** See `findProcessStart`; '' where the system does not tell. */
  readonly processStart: string;
  readonly bootId: string;
  readonly url: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly releasedAt?: string;
}

const UNUSABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC'];
const LOCK_NAME = /^backyard\.lock\.(\d+)$/;
const DRAFT_PREFIX = 'backyard.lock.draft-';
/** A draft lives for milliseconds; an old one is of a starter that was killed. */
const DRAFT_LIFE_MS = 60_000;

/**
 * Takes the data directory for this process, creating it when absent. Never waits.
 * Fault `config.data-dir-held` while another living process holds it; a lock of a dead process, of a
 * recycled pid or of an earlier boot is no obstacle. Fault `config.data-dir-unusable` when it cannot be
 * made, read or written.
 */
export async function lockDataDir(dir: string, { url }: { url: string }): Promise<DataDirLock> {
  try {
    return await lock(dir, url);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!UNUSABLE.includes(code)) throw error;
    const advice = 'Start Backyard as the user who owns it, or set BACKYARD_DATA_DIR to another directory.';
    throw new Fault(
      'config.data-dir-unusable',
      `The data directory ${dir} cannot be used (${code}). ${advice}`,
      { dir },
      error,
    );
  }
}

async function lock(dir: string, url: string): Promise<DataDirLock> {
  // Not 0700 for root: the embedded Postgres runs as another user and has to pass.
  await mkdir(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const holder: Holder = {
    pid: process.pid,
    processStart: findProcessStart(process.pid) ?? '',
    bootId: bootId(),
    url,
    startedAt: new Date().toISOString(),
  };
  for (;;) {
    const number = await findHighest(dir);
    await requireUnheld(dir, number);
    if (!(await create(dir, number + 1, holder))) continue;
    // A starter with an old listing can win a number that was deleted since: then a higher one rules.
    if ((await findHighest(dir)) === number + 1) {
      await deleteOutnumbered(dir, number + 1);
      return lockOf(dir, number + 1, holder);
    }
    await rm(lockPath(dir, number + 1), { force: true });
  }
}

function lockOf(dir: string, number: number, holder: Holder): DataDirLock {
  let released = false;
  return {
    release: async () => {
      if (released) return;
      released = true;
      const draft = await writeDraft(dir, { ...holder, releasedAt: new Date().toISOString() });
      await rename(draft, lockPath(dir, number));
    },
  };
}

async function requireUnheld(dir: string, number: number): Promise<void> {
  const holder = await findHolder(lockPath(dir, number));
  if (holder === undefined || holder.releasedAt !== undefined || !isRunning(holder)) return;
  throw new Fault(
    'config.data-dir-held',
    `The data directory ${dir} is in use by a Backyard that runs since ${holder.startedAt} as process ` +
      `${holder.pid}${holder.url === '' ? '' : `, at ${holder.url}`}. Use that one, stop it ` +
      `(kill ${holder.pid}), or set BACKYARD_DATA_DIR to another directory.`,
    { dir, pid: holder.pid, startedAt: holder.startedAt, url: holder.url },
  );
}

function isRunning({ pid, processStart, bootId: boot }: Holder): boolean {
  if (boot !== bootId()) return false;
  return isProcessAlive(pid, processStart === '' ? undefined : processStart);
}

/** False when somebody else took the number first. */
async function create(dir: string, number: number, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(dir, holder);
  try {
    await link(draft, lockPath(dir, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(dir: string, holder: Holder): Promise<string> {
  const draft = join(dir, `${DRAFT_PREFIX}${randomUUID()}`);
  await writeFile(draft, `${JSON.stringify(holder)}\n`, { flag: 'wx', mode: 0o600 });
  return draft;
}

/** `undefined` also for a file that a power cut left broken: whoever wrote it runs no more. */
async function findHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(ignoreAbsent);
  try {
    const holder = JSON.parse(text ?? '') as Partial<Holder> | null;
    return typeof holder?.pid === 'number' && typeof holder.bootId === 'string'
      ? (holder as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** 0 when there is none. */
async function findHighest(dir: string): Promise<number> {
  return Math.max(0, ...(await readdir(dir)).map((name) => Number(LOCK_NAME.exec(name)?.[1] ?? 0)));
}

async function deleteOutnumbered(dir: string, number: number): Promise<void> {
  for (const name of await readdir(dir)) {
    const lower = Number(LOCK_NAME.exec(name)?.[1] ?? number) < number;
    if (lower || (await isOldDraft(dir, name))) await rm(join(dir, name), { force: true });
  }
}

async function isOldDraft(dir: string, name: string): Promise<boolean> {
  if (!name.startsWith(DRAFT_PREFIX)) return false;
  const found = await stat(join(dir, name)).catch(ignoreAbsent);
  return found !== undefined && Date.now() - found.mtimeMs > DRAFT_LIFE_MS;
}

function lockPath(dir: string, number: number): string {
  return join(dir, `backyard.lock.${number}`);
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
