/** As whom the throwaway Postgres runs: it refuses to run as root. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Identity {
  /** Absent when we are no root: then it runs as us. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The user may not enter the way to the programs, as below /root, and needs a capability for that. */
  readonly readsAnything: boolean;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

const READ_ANYTHING = [
  '--clear-groups',
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=-all,+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
  // Without it the kernel ignores the capability in access(2), which Postgres calls on its own program.
  '--securebits=+no_setuid_fixup',
];

/** Us, or for root the first of `postgres` and `nobody` that the system knows. */
export async function chooseIdentity(postgres: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return { readsAnything: false };
  const user = (await findUser('postgres')) ?? (await findUser('nobody'));
  if (user === undefined) throw new Error('Postgres refuses to run as root, and there is no other user');
  const { file, args, options } = commandAs({ user, readsAnything: false }, postgres, ['--version']);
  try {
    await promisify(execFile)(file, args, { ...options, cwd: '/', timeout: 10_000 });
    return { user, readsAnything: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return { user, readsAnything: true };
  }
}

/** The command as it must be started; setpriv executes it, so the pid stays its own. */
export function commandAs(
  { user, readsAnything }: Identity,
  file: string,
  args: readonly string[],
): Command & { readonly args: string[] } {
  if (user === undefined) return { file, args: [...args], options: {} };
  if (!readsAnything) return { file, args: [...args], options: user };
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, ...READ_ANYTHING];
  return { file: 'setpriv', args: [...identity, file, ...args], options: {} };
}

async function findUser(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const fields = lines.map((line) => line.split(':')).find((line) => line[0] === name);
  if (fields === undefined) return undefined;
  // Negative ids, as of `nobody` on macOS, are the same number seen as unsigned.
  return { uid: Number(fields[2]) >>> 0, gid: Number(fields[3]) >>> 0 };
}
