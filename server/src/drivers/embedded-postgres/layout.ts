import { join } from 'node:path';

/** Where the embedded Postgres keeps its things below Backyard's data directory. */
export interface Layout {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly connectionFile: string;
  readonly logFile: string;
}

export function layoutOf(dataDir: string): Layout {
  return {
    dataDir,
    clusterDir: join(dataDir, 'postgres'),
    connectionFile: join(dataDir, 'postgres.json'),
    logFile: join(dataDir, 'postgres.log'),
  };
}
