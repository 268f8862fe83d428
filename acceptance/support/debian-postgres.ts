/** A Postgres as Debian packages it: older than the embedded one, and an operator's to run. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface DebianPostgres {
  /** The folder of `initdb` and `pg_ctl`. */
  readonly bin: string;
  /** Who runs it: Postgres refuses root. */
  readonly uid: number;
  readonly gid: number;
}

const ROOT = '/usr/lib/postgresql';

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', timeout: 5_000 }));
}

/** `undefined` where there is none, said aloud; an error where components are required, as in CI. */
export function debianPostgres(): DebianPostgres | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT) : [];
  const bins = versions.map((version) => join(ROOT, version, 'bin'));
  const bin = bins.find((folder) => existsSync(join(folder, 'initdb')));
  if (bin !== undefined && process.getuid?.() === 0) return { bin, uid: idOf('-u'), gid: idOf('-g') };
  const sentence =
    'own-postgres: needs root and the Debian package postgresql (scripts/test-deps installs it)';
  if (process.env.BACKYARD_REQUIRE_COMPONENTS === '1') throw new Error(sentence);
  process.stderr.write(`SKIPPED ${sentence}\n`);
  return undefined;
}
