/** Which program listens on a port, as far as the system lets us see. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

const LISTEN = '0A';

/**
 * The pid and name of the listener on a TCP port, for a message to a person; `undefined` where the system
 * does not tell (not Linux, or a process of somebody else).
 */
export async function findPortHolder(port: number): Promise<{ pid: number; name: string } | undefined> {
  try {
    const inodes = await listeningInodes(port);
    if (inodes.size === 0) return undefined;
    const pids = (await readdir('/proc')).filter((entry) => /^[0-9]+$/.test(entry));
    for (const pid of pids) {
      if (!(await holdsOneOf(pid, inodes))) continue;
      // Not the name in `comm`: Node names its main thread there.
      return { pid: Number(pid), name: basename(await readlink(`/proc/${pid}/exe`)) };
    }
    return undefined;
  } catch {
    // Only a hint: without it the message is shorter, never wrong.
    return undefined;
  }
}

/** Rows of /proc/net/tcp: local address in hex, state, and the socket's inode in the tenth column. */
async function listeningInodes(port: number): Promise<Set<string>> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const rows = tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const listening = rows.filter((row) => row[1]?.endsWith(`:${hexPort}`) && row[3] === LISTEN);
  return new Set(listening.flatMap((row) => row[9] ?? []));
}

async function holdsOneOf(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // Processes of others cannot be looked into, and any may end while we look.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}
