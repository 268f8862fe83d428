/** pg_dump and pg_restore: where they are, how they are started, and what their errors say. */
import { join } from 'node:path';
import { Client } from 'pg';
import { Fault, isFault } from '../../../kernel/fault.ts';
import { type CommandResult, runCommand } from '../../command/run-command.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { LOGIN_VALID_HOURS, type TemporaryLogin } from './temporary-login.ts';

export type BackupCapability = { available: true } | { available: false; reason: string };

export type ClientProgram = 'pg_dump' | 'pg_restore';

export interface ClientPrograms {
  readonly binDir: string | null;
  /** The superuser's connection string: only its address is used. */
  readonly dsn: string;
}

export interface ClientRun {
  readonly program: ClientProgram;
  readonly args: readonly string[];
  /** null: the program talks to no server. */
  readonly connection: { readonly login: TemporaryLogin; readonly databaseName: string } | null;
  /** Paths that no fault may show. */
  readonly paths: readonly string[];
}

/** A run that ended by itself; `error` is null when all went well. */
export interface ClientOutcome {
  readonly stdout: string;
  readonly error: string | null;
}

const VERSION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_S = 10;
/** The table of contents of a database with some hundred thousand objects. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_LENGTH = 500;
/** Since this version pg_restore sets `transaction_timeout`, which older servers do not know. */
const SETS_TRANSACTION_TIMEOUT = 17;

/** Whether both programs are there and fit the server. */
export async function programCapability(
  programs: ClientPrograms,
  pool: ClusterPool,
  signal: AbortSignal,
): Promise<BackupCapability> {
  const [row] = await pool.admin.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
    [],
    signal,
  );
  const server = row?.major ?? 0;
  for (const program of ['pg_dump', 'pg_restore'] as const) {
    const reason = unfit(program, await findMajorVersion(programs, program, signal), server);
    if (reason !== null) return { available: false, reason };
  }
  return { available: true };
}

function unfit(program: ClientProgram, major: number | null, server: number): string | null {
  const install = `Install the client programs of Postgres ${server} (Debian: postgresql-client-${server}) or set PG_BIN_DIR to their directory.`;
  if (major === null) return `${program} was not found. ${install}`;
  if (major < server) return `${program} ${major} is older than the Postgres ${server} server. ${install}`;
  if (major >= SETS_TRANSACTION_TIMEOUT && server < SETS_TRANSACTION_TIMEOUT) {
    return `${program} ${major} cannot restore into a Postgres ${server} server. ${install}`;
  }
  return null;
}

async function findMajorVersion(
  programs: ClientPrograms,
  program: ClientProgram,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const file = programFile(programs, program);
    const { stdout } = await runCommand({ file, args: ['--version'], timeoutMs: VERSION_TIMEOUT_MS, signal });
    const major = Number(/\s(\d+)(?:\.|\w|\s|$)/.exec(stdout)?.[1]);
    return Number.isInteger(major) ? major : null;
  } catch (error) {
    signal.throwIfAborted();
    if (isFault(error, 'command.not-found') || isFault(error, 'command.failed')) return null;
    throw error;
  }
}

/**
 * Runs one of them to its end. A failure that it reports itself is an outcome, with its last error line.
 * Faults: `backup.unavailable` when it is not there, `backup.program-failed` when it was killed or hung.
 */
export async function runClient(
  programs: ClientPrograms,
  run: ClientRun,
  signal: AbortSignal,
): Promise<ClientOutcome> {
  const secrets = [run.connection?.login.password ?? '', programs.dsn, ...run.paths];
  try {
    const result = await runCommand({
      file: programFile(programs, run.program),
      args: run.args,
      env: run.connection === null ? {} : connectionEnv(programs.dsn, run.connection),
      timeoutMs: LOGIN_VALID_HOURS * 3_600_000,
      exitCodes: [0, 1],
      maxOutputBytes: MAX_OUTPUT_BYTES,
      redact: secrets,
      signal,
    });
    return { stdout: result.stdout, error: errorOf(run.program, result, secrets) };
  } catch (error) {
    signal.throwIfAborted();
    if (isFault(error, 'command.not-found')) {
      throw new Fault('backup.unavailable', `${run.program} was not found. Install it or set PG_BIN_DIR.`);
    }
    if (!(error instanceof Fault)) throw error;
    throw new Fault('backup.program-failed', plain(error.message, secrets), {}, error);
  }
}

function programFile(programs: ClientPrograms, program: ClientProgram): string {
  return programs.binDir === null ? program : join(programs.binDir, program);
}

/** Everything about the connection goes here and nothing into the arguments, which everybody can read. */
function connectionEnv(
  dsn: string,
  connection: { readonly login: TemporaryLogin; readonly databaseName: string },
): Record<string, string> {
  const { host, port } = new Client({ connectionString: dsn });
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: connection.databaseName,
    PGUSER: connection.login.name,
    PGPASSWORD: connection.login.password,
    PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_S),
    PGAPPNAME: 'backyard backup',
    ...tlsEnv(dsn),
  };
}

/** `no-verify` is a word of node-postgres; libpq calls the same `require`. */
function tlsEnv(dsn: string): Record<string, string> {
  if (!URL.canParse(dsn)) return {};
  const { searchParams } = new URL(dsn);
  const mode = searchParams.get('sslmode');
  const rootCert = searchParams.get('sslrootcert');
  return {
    ...(mode !== null && { PGSSLMODE: mode === 'no-verify' ? 'require' : mode }),
    ...(rootCert !== null && { PGSSLROOTCERT: rootCert }),
  };
}

function errorOf(program: ClientProgram, result: CommandResult, secrets: readonly string[]): string | null {
  if (result.exitCode === 0) return null;
  const lines = result.stderr.split('\n').map((line) => line.trim());
  const prefix = `${program}: error: `;
  const line = lines.findLast((one) => one.startsWith(prefix))?.slice(prefix.length);
  return plain(line ?? lines.findLast((one) => one !== '') ?? `${program} failed without a word`, secrets);
}

/** Without secrets, without paths and addresses of this machine, and short. */
function plain(text: string, secrets: readonly string[]): string {
  const ordered = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return ordered
    .reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text)
    .replace(/connection to server (?:at|on) .*? failed: /, 'connection failed: ')
    .replace(/"\/[^"]*"/g, '"[path]"')
    .slice(0, MAX_ERROR_LENGTH);
}
