/** Puts away what a restore or a backup that was cut off left in the cluster. */
import { Fault } from '../../../kernel/fault.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { ident } from '../quote.ts';
import {
  dropDatabase,
  type FoundDatabase,
  findRestoreDatabases,
  isPrepared,
  type RestoreSubject,
} from './restore-databases.ts';
import { dropTemporaryLogins } from './temporary-login.ts';

/**
 * Drops temporary logins and leftover databases of a restore; when nothing has the database's name, puts the
 * former database back under it, or the prepared one when there is no other. Quiet when there is nothing.
 * A dump or restore of this database that still runs is ended. A database put back stays closed until the
 * driver's next pass. Fault: `database.name-taken` when somebody else's database has the name and the
 * former one is still there.
 */
export async function cleanUpRestore(
  pool: ClusterPool,
  subject: RestoreSubject,
  signal: AbortSignal,
): Promise<void> {
  const found = await findRestoreDatabases(pool, subject, signal);
  let leftovers = [found.prepared, found.replaced].filter((one) => one !== null);
  if (found.live === null) {
    const back = survivor(found.replaced, found.prepared);
    if (back !== null) {
      await pool.closeInside(back.name);
      await pool.admin.batch(
        [`ALTER DATABASE ${ident(back.name)} RENAME TO ${ident(subject.databaseName)}`],
        signal,
      );
    }
    leftovers = leftovers.filter((one) => one !== back);
  } else if (!found.live.ours && found.replaced !== null) {
    throw new Fault(
      'database.name-taken',
      `The cluster has a database "${subject.databaseName}" that is not ours.`,
    );
  }
  // Databases first: what is half dropped keeps its roles from being dropped.
  for (const one of leftovers) await dropDatabase(pool, one, signal);
  await dropTemporaryLogins(pool, subject, signal);
}

/** Never a half restored one: a missing database is a loss that people must see. */
function survivor(replaced: FoundDatabase | null, prepared: FoundDatabase | null): FoundDatabase | null {
  if (replaced !== null && !replaced.invalid) return replaced;
  return isPrepared(prepared) ? prepared : null;
}
