import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

export type Leftover = { pid: number; commandLine: string };

/**
 * Lists the processes that carry `marker` (a `NAME=value`) in their environment, also those that left the
 * process group. Only Linux can tell; elsewhere the list is empty.
 */
export function listLeftovers(marker: string): Leftover[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readProc(name, 'environ').split('\0').includes(marker))
    .map((name) => ({
      pid: Number(name),
      commandLine: readProc(name, 'cmdline').replaceAll('\0', ' ').trim(),
    }))
    .filter(({ commandLine }) => commandLine !== '');
}

/** The file's text; empty when the process has ended meanwhile or belongs to somebody else. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
