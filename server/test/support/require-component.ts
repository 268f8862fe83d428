import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What is no program but needed all the same. */
const CONDITIONS: Readonly<Record<string, () => boolean>> = {
  root: () => process.getuid?.() === 0,
  linux: () => process.platform === 'linux',
};

/**
 * True when everything that a suite needs is here: programs by name, `root`, `linux`. To be used as
 * `describe.skipIf(!requireComponent('psql'))('…', …)`.
 * Missing: prints one line, and throws when BACKYARD_REQUIRE_COMPONENTS=1, as in CI.
 */
export function requireComponent(...names: readonly string[]): boolean {
  const missing = names.filter((name) => !(CONDITIONS[name] ?? (() => hasCommand(name)))());
  if (missing.length === 0) return true;
  const text = `needs ${missing.join(', ')}, which this machine does not have`;
  if (process.env.BACKYARD_REQUIRE_COMPONENTS === '1') throw new Error(`This suite ${text}`);
  console.warn(`SKIPPED: a suite ${text} (scripts/test-deps installs the programs)`);
  return false;
}

/** True when a program of this name is on the PATH or among the system's programs. */
export function hasCommand(name: string): boolean {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return dirs.filter((dir) => dir !== '').some((dir) => isExecutable(join(dir, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
