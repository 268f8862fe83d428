/** Stands in for Backyard as the parent of Postgres: a process that tests can kill. Prints one line of JSON. */
import { once } from 'node:events';
import { startEmbeddedPostgres } from '../../src/drivers/embedded-postgres/embedded-postgres.ts';
import { isFault } from '../../src/kernel/fault.ts';
import { memoryLog } from '../support/test-log.ts';

const [dataDir = '', port = ''] = process.argv.slice(2);
const log = memoryLog();
try {
  const postgres = await startEmbeddedPostgres({ dataDir, preferredPort: Number(port), log });
  const { dsn, adopted } = postgres;
  const messages = log.lines.map((line) => line.message);
  console.log(JSON.stringify({ pid: process.pid, postgresPid: postgres.pid(), dsn, adopted, messages }));
  const keepAlive = setInterval(() => {}, 1_000);
  await once(process, 'SIGTERM');
  clearInterval(keepAlive);
  await postgres.stop();
} catch (error) {
  const code = isFault(error, 'postgres.start-failed') ? error.code : String(error);
  console.log(JSON.stringify({ fault: code }));
  process.exitCode = 1;
}
