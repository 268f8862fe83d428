/**
 * Which process is it? A pid alone is no answer: it is used again after a crash or a reboot. On Linux the
 * pair of pid and start time is; elsewhere we have to make do with the pid.
 */
import { readFileSync } from 'node:fs';

/**
 * The kernel's start time of a living process: clock ticks since boot, field 22 of /proc/<pid>/stat.
 * `undefined` when there is no such process, when it is a zombie, and on systems without /proc.
 */
export function findProcessStart(pid: number): string | undefined {
  const stat = readProcFile(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

/** True while the process runs; with `processStart`, only while it is still that one and not a later namesake. */
export function isProcessAlive(pid: number, processStart?: string): boolean {
  // 0 and negative numbers mean groups of processes.
  if (!(pid > 0)) return false;
  if (process.platform === 'linux') {
    const start = findProcessStart(pid);
    return start !== undefined && (processStart === undefined || start === processStart);
  }
  return signalProcess(pid, 0);
}

/** Sends a signal (0 only asks). False when there is no such process. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ESRCH') return false;
    if (code === 'EPERM' && signal === 0) return true;
    throw error;
  }
}

/** An id that changes with every boot of the machine; '' where the system has none to read. */
export function bootId(): string {
  return readProcFile('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ESRCH: the process ended between open and read.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
