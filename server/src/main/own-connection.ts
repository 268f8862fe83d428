/** For the small programs beside the server: how to reach our own database while, or after, it runs. */
import { join } from 'node:path';
import { findConnection } from '../drivers/embedded-postgres/connection-file.ts';
import { HOST } from '../drivers/embedded-postgres/port.ts';
import { Fault } from '../kernel/fault.ts';
import type { Config } from './config.ts';
import { OWN_DATABASE } from './own-database.ts';

/** The connection string of our own database. Faults with `config.not-started` when there is none yet. */
export async function getOwnConnection(config: Config): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl;
  const connection = await findConnection(join(config.dataDir, 'postgres.json'));
  if (!connection) {
    throw new Fault(
      'config.not-started',
      `There is no Backyard in ${config.dataDir} yet. Start it once, or set BACKYARD_DATA_DIR or DATABASE_URL.`,
    );
  }
  const password = encodeURIComponent(connection.password);
  return `postgres://postgres:${password}@${HOST}:${connection.port}/${OWN_DATABASE}`;
}
