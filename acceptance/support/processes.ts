/** What the kernel knows about the processes of a product: they are found by the data directory they use. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Running {
  readonly pid: number;
  readonly argv: string;
}

/** Reads a file of /proc; a process that ended meanwhile has none. */
function glance(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function uses(pid: string, directory: string): boolean {
  const inside = (path: string) => path === directory || path.startsWith(`${directory}/`);
  return (
    inside(glance(() => readlinkSync(`/proc/${pid}/cwd`))) ||
    glance(() => readFileSync(`/proc/${pid}/environ`, 'latin1')).includes(directory) ||
    glance(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')).includes(directory)
  );
}

/** True for a process that ended and waits for its parent to notice: it holds nothing any more. */
function isZombie(pid: string): boolean {
  return /^State:\s+Z/m.test(glance(() => readFileSync(`/proc/${pid}/status`, 'latin1')));
}

/**
 * Every process that works in `directory`, names it in its arguments, or was given it in its environment:
 * the server, its Postgres, each backend of that.
 */
export function processesUsing(directory: string): readonly Running[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => uses(pid, directory) && !isZombie(pid))
    .map((pid) => ({
      pid: Number(pid),
      argv: glance(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')).replaceAll('\0', ' '),
    }));
}

/** True while a process with this id runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(String(pid));
  } catch {
    return false;
  }
}
