/**
 * Fills a fresh database with a dump. Until its content is complete nobody but the temporary login gets in,
 * and it is closed again until the databases change names.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseTarget, databaseRoles } from '../../../domain/database.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { databaseDriver } from '../database-driver.ts';
import { type DatabaseStep, planDatabase } from '../database-plan.ts';
import { databaseStatements } from '../database-statements.ts';
import { applyDatabaseStep } from '../database-steps.ts';
import { ident } from '../quote.ts';
import { type ClientOutcome, type ClientPrograms, runClient } from './client-programs.ts';
import { readDumpContents, readExtensionPlaces, withoutSchemas } from './dump-contents.ts';
import { dropDatabase, findRestoreDatabases, preparedMark } from './restore-databases.ts';
import { checkExtensions, extensionSchemas, installExtensions } from './restore-extensions.ts';
import { preparedName } from './restore-names.ts';
import { withTemporaryLogin } from './temporary-login.ts';

export interface RestoreTools {
  readonly pool: ClusterPool;
  readonly programs: ClientPrograms;
  readonly allowedExtensions: readonly string[];
}

const MAX_LOOKS = 5;
const UNDO_TIMEOUT_MS = 60_000;
/** What pg_restore says of the archive itself; errors of statements begin otherwise. */
const ARCHIVE_ERROR =
  /^(?:could not (?:read from input file|uncompress|find block|decompress)|unexpected|found unexpected|unrecognized|invalid|corrupt|error during file seek|read TOC|entry ID)/;

/**
 * Prepares a database with the content of a dump and gives its name. Repeating it starts over.
 * Faults: `backup.not-a-dump`, `backup.extension-not-allowed`, `backup.restore-failed`,
 * `database.name-taken`, and those of `runClient`. After any of them the fresh database is gone.
 */
export async function prepareRestore(
  tools: RestoreTools,
  target: DatabaseTarget,
  file: string,
  signal: AbortSignal,
): Promise<string> {
  const workDir = await mkdtemp(join(tmpdir(), 'backyard-restore-'));
  try {
    return await prepare(tools, target, { file, workDir }, signal);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

interface Files {
  readonly file: string;
  readonly workDir: string;
}

async function prepare(
  tools: RestoreTools,
  target: DatabaseTarget,
  files: Files,
  signal: AbortSignal,
): Promise<string> {
  const contents = readDumpContents(await readArchive(tools, files, ['--list'], signal));
  const allowed = [...tools.allowedExtensions, ...target.extensions];
  await checkExtensions(tools.pool, contents.extensions, allowed, signal);
  const extensionFile = join(files.workDir, 'extensions');
  await writeFile(extensionFile, contents.extensionList);
  const script = await readArchive(tools, files, [`--use-list=${extensionFile}`, '--file=-'], signal);
  const places = readExtensionPlaces(script, contents.extensions);
  const listFile = join(files.workDir, 'list');
  await writeFile(listFile, withoutSchemas(contents.list, extensionSchemas(places)));

  const fresh = { ...target, name: preparedName(target.id), desired: 'active', connectionLimit: 0 } as const;
  await dropPrepared(tools.pool, target, signal);
  try {
    const [making, usualExtensions] = splitAtExtensions(freshSteps(fresh));
    await take(tools.pool, fresh, making, signal);
    await installExtensions(tools.pool, fresh, places, signal);
    await take(tools.pool, fresh, usualExtensions, signal);
    await fill(tools, fresh, { ...files, listFile }, signal);
    await repair(tools.pool, fresh, signal);
    await tools.pool.closeInside(fresh.name);
    await tools.pool.admin.batch(preparedMark(fresh.name), signal);
    return fresh.name;
  } catch (error) {
    await undo(tools.pool, target);
    throw failure(error);
  }
}

/** Runs pg_restore without a server. What it cannot read is no dump. */
async function readArchive(
  tools: RestoreTools,
  files: Files,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { stdout, error } = await runClient(
    tools.programs,
    {
      program: 'pg_restore',
      args: ['--format=custom', ...args, files.file],
      connection: null,
      paths: [files.file, files.workDir],
    },
    signal,
  );
  if (error === null) return stdout;
  throw notADump(error);
}

/** The steps that make a new database; the groups are those of the live one. */
function freshSteps(fresh: DatabaseTarget): readonly DatabaseStep[] {
  const groups = Object.values(databaseRoles(fresh.id)).map((name) => ({
    name,
    attributesRight: true,
    settingScopes: [],
  }));
  return planDatabase(
    { ...fresh, everSettled: false },
    {
      versionNumber: 0,
      database: null,
      groups,
      memberships: [],
      logins: [],
      inside: null,
      installableExtensions: [],
    },
  );
}

/** The dump's own extensions come before the usual ones, because only they know their schema. */
function splitAtExtensions(steps: readonly DatabaseStep[]): [DatabaseStep[], DatabaseStep[]] {
  const usual = steps.filter((step) => step.name === 'install-extensions');
  return [steps.filter((step) => step.name !== 'install-extensions'), usual];
}

async function take(
  pool: ClusterPool,
  target: DatabaseTarget,
  steps: readonly DatabaseStep[],
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) await applyDatabaseStep(pool, target, step, signal);
}

async function fill(
  tools: RestoreTools,
  fresh: DatabaseTarget,
  files: Files & { readonly listFile: string },
  signal: AbortSignal,
): Promise<void> {
  const { read, write } = databaseRoles(fresh.id);
  const args = [
    '--format=custom',
    '--no-owner',
    '--no-privileges',
    // A tablespace of another cluster says nothing here.
    '--no-tablespaces',
    '--exit-on-error',
    '--single-transaction',
    `--role=${write}`,
    `--use-list=${files.listFile}`,
    `--dbname=${fresh.name}`,
    files.file,
  ];
  const place = { databaseId: fresh.id, databaseName: fresh.name };
  const outcome = await withTemporaryLogin(
    tools.pool,
    place,
    async (login) => {
      const on = `ON DATABASE ${ident(fresh.name)}`;
      await tools.pool.admin.batch(
        [
          // The groups come back with the repair: until then no login of theirs can meddle.
          `REVOKE CONNECT ${on} FROM ${ident(read)}, ${ident(write)}`,
          `GRANT CONNECT ${on} TO ${ident(login.name)}`,
          `ALTER DATABASE ${ident(fresh.name)} CONNECTION LIMIT -1`,
        ],
        signal,
      );
      const connection = { login, databaseName: fresh.name };
      return runClient(
        tools.programs,
        { program: 'pg_restore', args, connection, paths: [files.file, files.workDir] },
        signal,
      );
    },
    signal,
  );
  throwUnlessRestored(outcome);
}

function throwUnlessRestored({ error }: ClientOutcome): void {
  if (error === null) return;
  if (ARCHIVE_ERROR.test(error)) throw notADump(error);
  throw restoreFailed(error.replace(/^could not execute query: /, ''));
}

/** What the driver would repair at its next pass, done before anybody can see that it is missing. */
async function repair(pool: ClusterPool, fresh: DatabaseTarget, signal: AbortSignal): Promise<void> {
  const driver = databaseDriver(pool);
  const restored = { ...fresh, everSettled: true };
  for (let look = 0; look < MAX_LOOKS; look++) {
    const seen = await driver.observe(restored, signal);
    const outside = seen?.database ? databaseStatements(restored, seen.database) : [];
    const inside = planDatabase(restored, seen).filter((step) => REPAIRS.has(step.name));
    if (outside.length === 0 && inside.length === 0) return;
    await pool.admin.batch(outside, signal);
    await take(pool, restored, inside, signal);
  }
  throw restoreFailed('the privileges of the restored objects could not be brought in order');
}

/** Not the steps on groups and logins: those belong to the live database. */
const REPAIRS = new Set<DatabaseStep['name']>([
  'repair-ownership',
  'repair-privileges',
  'install-extensions',
]);

async function dropPrepared(pool: ClusterPool, target: DatabaseTarget, signal: AbortSignal): Promise<void> {
  const subject = { databaseId: target.id, databaseName: target.name };
  const { prepared } = await findRestoreDatabases(pool, subject, signal);
  if (prepared !== null) await dropDatabase(pool, prepared, signal);
}

/** Not the caller's signal: a restore that was called off must not leave its database. */
async function undo(pool: ClusterPool, target: DatabaseTarget): Promise<void> {
  try {
    await dropPrepared(pool, target, AbortSignal.timeout(UNDO_TIMEOUT_MS));
  } catch {
    // Why the restore failed is what people must hear; the clean-up drops what is left.
  }
}

/** Errors of the server quote statements; only its sentence is for people. */
function failure(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error) || !('severity' in error)) return error;
  return restoreFailed(error.message, error);
}

function restoreFailed(reason: string, cause?: unknown): Fault {
  return new Fault('backup.restore-failed', `The dump could not be restored: ${reason}`, {}, cause);
}

function notADump(reason: string): Fault {
  return new Fault('backup.not-a-dump', `The file is not a complete dump in custom format: ${reason}`);
}
