/**
 * As whom Postgres runs. It refuses to run as root, so a Backyard of root gives it a system user.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Fault, isFault } from '../../kernel/fault.ts';
import { runCommand } from '../command/run-command.ts';
import type { Log } from './log.ts';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How to start a program as the user chosen for Postgres. */
export interface RunAs {
  /** Absent when we are no root: then programs simply run as us. */
  readonly user?: SystemUser;
  /** The program may read and traverse what its user may not: see `READ_ANYTHING`. */
  readonly readAnything: boolean;
}

/**
 * Capabilities for a user who cannot traverse the way to the cluster or to the binaries, which is the
 * normal case below /root: read and traverse, nothing more. Without `no_setuid_fixup` the kernel would
 * ignore them in access(2), which Postgres calls on its own program.
 */
const READ_ANYTHING = [
  '--clear-groups',
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=-all,+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
  '--securebits=+no_setuid_fixup',
];

const NEW_USER = 'backyard-postgres';

/**
 * Chooses the user: us when we are no root; else the owner of an existing cluster; else `postgres`, a new
 * `backyard-postgres`, or `nobody`.
 * `paths` must be reachable for it. Fault `config.postgres-user` when no user can be found.
 */
export async function chooseRunAs(clusterDir: string, paths: readonly string[], log: Log): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { readAnything: false };
  const user = (await findClusterOwner(clusterDir)) ?? (await getSystemUser(log));
  const closed = await findClosedDir([clusterDir, ...paths], user);
  if (closed === undefined) return { user, readAnything: false };
  log.info(
    { user: user.name, dir: closed },
    `Postgres runs as ${user.name}, who cannot enter ${closed}: starting it with the one capability to read there`,
  );
  return { user, readAnything: true };
}

/** The program and its arguments as they must be started; setpriv execs, so the pid stays the program's own. */
export function asUser(
  { user, readAnything }: RunAs,
  file: string,
  args: readonly string[],
): { file: string; args: readonly string[]; uid?: number; gid?: number } {
  if (user === undefined) return { file, args };
  if (!readAnything) return { file, args, uid: user.uid, gid: user.gid };
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`];
  return { file: 'setpriv', args: [...identity, ...READ_ANYTHING, file, ...args] };
}

async function findClusterOwner(clusterDir: string): Promise<SystemUser | undefined> {
  const found = await stat(clusterDir).catch(ignoreAbsent);
  if (found === undefined || found.uid === 0) return undefined;
  return { name: `the user with id ${found.uid}`, uid: found.uid, gid: found.gid };
}

async function getSystemUser(log: Log): Promise<SystemUser> {
  const existing = (await findUser('postgres')) ?? (await findUser(NEW_USER));
  if (existing !== undefined) return existing;
  const created = await createUser(log);
  const user = created ?? (await findUser('nobody'));
  if (user !== undefined) return user;
  throw new Fault(
    'config.postgres-user',
    'Postgres refuses to run as root, and no other user could be found or made for it. Create a system user ' +
      `named ${NEW_USER}, start Backyard as another user, or set DATABASE_URL to a Postgres of your own.`,
  );
}

async function createUser(log: Log): Promise<SystemUser | undefined> {
  const args = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
  try {
    await runCommand({
      file: 'useradd',
      args: [...args, '--shell', '/usr/sbin/nologin', NEW_USER],
      timeoutMs: 10_000,
    });
  } catch (error) {
    if (!isFault(error, 'command.not-found') && !isFault(error, 'command.failed')) throw error;
    log.warn({ err: error }, `Could not create the system user ${NEW_USER}; Postgres will run as nobody`);
    return undefined;
  }
  log.info(
    { user: NEW_USER },
    `Created the system user ${NEW_USER} for Postgres, which refuses to run as root`,
  );
  return findUser(NEW_USER);
}

async function findUser(name: string): Promise<SystemUser | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((line) => line[0] === name);
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  // Negative ids, as for `nobody` on macOS, are the same number seen as unsigned.
  return fields === undefined ? undefined : { name, uid: uid >>> 0, gid: gid >>> 0 };
}

/** The first directory on the way to one of the paths that the user may not traverse. */
async function findClosedDir(paths: readonly string[], user: SystemUser): Promise<string | undefined> {
  for (const path of paths) {
    for (const dir of ancestors(path)) {
      const found = await stat(dir).catch(ignoreAbsent);
      if (found !== undefined && !mayTraverse(found, user)) return dir;
    }
  }
  return undefined;
}

function ancestors(path: string): string[] {
  const parent = dirname(resolve(path));
  return parent === resolve(path) ? [] : [...ancestors(parent), parent];
}

function mayTraverse(
  { mode, uid, gid }: { mode: number; uid: number; gid: number },
  user: SystemUser,
): boolean {
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
