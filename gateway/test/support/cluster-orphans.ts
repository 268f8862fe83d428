/** A test run that was killed leaves its cluster running; the next one clears it away. */
import { readlinkSync } from 'node:fs';
import { readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Followed by the pid of the run and a hyphen. */
export const CLUSTER_DIR_PREFIX = 'backyard-gateway-test-';

const END_MS = 10_000;

export async function removeOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(CLUSTER_DIR_PREFIX)) continue;
    const runPid = Number.parseInt(name.slice(CLUSTER_DIR_PREFIX.length), 10);
    if (!(runPid > 0) || isAlive(runPid)) continue;
    const dir = join(tmpdir(), name);
    await endPostmaster(join(dir, 'cluster'));
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function endPostmaster(clusterDir: string): Promise<void> {
  const pidFile = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(ignoreAbsent);
  const pid = Number.parseInt(pidFile ?? '', 10);
  if (!(pid > 0) || !(await isPostmasterOf(pid, clusterDir))) return;
  process.kill(pid, 'SIGQUIT');
  const deadline = Date.now() + END_MS;
  while (isAlive(pid) && Date.now() < deadline) await sleep(20);
}

/** Postgres makes its cluster its working directory; only Linux shows that. */
async function isPostmasterOf(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform !== 'linux' || !isAlive(pid)) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === (await realpath(clusterDir));
  } catch (error) {
    // It ended meanwhile, or it is another user's and so cannot be ours.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
