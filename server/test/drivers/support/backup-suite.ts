/** What the suites of dump and restore share: a cluster with its programs, dumps, and looks at what is left. */
import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type DatabaseTarget, databaseRoles } from '../../../src/domain/database.ts';
import { runCommand } from '../../../src/drivers/command/run-command.ts';
import {
  type PostgresBackup,
  postgresBackup,
  type RestoreSubject,
} from '../../../src/drivers/postgres/backup/postgres-backup.ts';
import type { PostgresCluster } from '../../support/postgres-cluster.ts';
import { run } from './cluster-access.ts';
import { SUPERUSER_PASSWORD, startDebianCluster } from './debian-cluster.ts';
import { type DriverSuite, driverSuite, type PeopledTenant } from './suite.ts';
import type { Tenant } from './tenant.ts';

export interface BackupSuite extends DriverSuite {
  backup(allowedExtensions?: readonly string[]): PostgresBackup;
  /** A path that nothing has yet. */
  file(name: string): string;
  /** A dump of a database of the superuser's, made by the superuser after these statements. */
  foreignDump(name: string, format: string, ...statements: readonly string[]): Promise<string>;
  /** A tenant with a table of two rows. */
  tenantWithRows(): Promise<PeopledTenant>;
  /** Rows of that table, read by the reader. */
  words(tenant: PeopledTenant): Promise<string[]>;
  /** Temporary logins and databases of a restore that are there. */
  leftovers(tenant: Tenant): Promise<string[]>;
}

/** To be called once in a file. */
export function backupSuite(binDir: string): BackupSuite {
  const start = (): Promise<PostgresCluster> => startDebianCluster(binDir);
  const suite = driverSuite(start);
  const dir = mkdtempSync(join(tmpdir(), 'backyard-test-dumps-'));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  const file = (name: string): string => join(dir, name);
  return Object.create(suite, {
    ...Object.getOwnPropertyDescriptors({
      backup: (allowedExtensions: readonly string[] = []) =>
        postgresBackup(suite.pool, { dsn: suite.dsn, binDir, allowedExtensions }),
      file,
      foreignDump: async (name: string, format: string, ...statements: readonly string[]) => {
        await run(suite.dsn, {}, `CREATE DATABASE ${name}`);
        await run(suite.dsn, { database: name }, ...statements);
        const path = file(`${name}.dump`);
        await runCommand({
          file: join(binDir, 'pg_dump'),
          args: [`--format=${format}`, `--file=${path}`],
          env: superuserEnv(suite.dsn, name),
          timeoutMs: 30_000,
        });
        return path;
      },
      tenantWithRows: async () => {
        const tenant = await suite.tenant();
        await run(
          suite.dsn,
          tenant.as(tenant.writer),
          'CREATE TABLE words (word text)',
          `INSERT INTO words VALUES ('one'), ('two')`,
        );
        return tenant;
      },
      words: async (tenant: PeopledTenant) => {
        const text = 'SELECT word FROM words ORDER BY word';
        const rows = await run<{ word: string }>(suite.dsn, tenant.as(tenant.reader), text);
        return rows.map((row) => row.word);
      },
      leftovers: (tenant: Tenant) => leftovers(suite.dsn, tenant),
    }),
  }) as BackupSuite;
}

export function subject(tenant: Tenant): RestoreSubject {
  return { databaseId: tenant.id, databaseName: tenant.name };
}

export function target(tenant: Tenant): DatabaseTarget {
  return tenant.target('active');
}

/** Names of objects in a database that belong to a superuser, members of extensions excepted. */
export async function ownedBySuperuser(dsn: string, database: string): Promise<string[]> {
  const rows = await run<{ what: string }>(
    dsn,
    { database },
    `SELECT s.classid::regclass || ' ' || s.objid AS what
     FROM (SELECT 'pg_class'::regclass AS classid, oid AS objid, relowner AS owner FROM pg_class
           UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc
           UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type
           UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner FROM pg_operator
           UNION ALL SELECT 'pg_largeobject_metadata'::regclass, oid, lomowner FROM pg_largeobject_metadata
           UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner FROM pg_namespace) s
     JOIN pg_roles r ON r.oid = s.owner
     WHERE r.rolsuper AND s.objid >= 16384
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype IN ('e', 'i')
                       AND d.classid = s.classid AND d.objid = s.objid)`,
  );
  return rows.map((row) => row.what);
}

async function leftovers(dsn: string, tenant: Tenant): Promise<string[]> {
  const { owner } = databaseRoles(tenant.id);
  const rows = await run<{ name: string }>(
    dsn,
    {},
    `SELECT datname AS name FROM pg_database WHERE pg_get_userbyid(datdba) = '${owner}' AND datname <> '${tenant.name}'
     UNION ALL SELECT rolname FROM pg_roles WHERE rolname ~ '^by_${tenant.id.replaceAll('-', '')}_tmp_'`,
  );
  return rows.map((row) => row.name);
}

function superuserEnv(dsn: string, database: string): Record<string, string> {
  const { hostname, port } = new URL(dsn);
  return {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: 'postgres',
    PGPASSWORD: SUPERUSER_PASSWORD,
    PGDATABASE: database,
  };
}

/** The error that work fails with. */
export async function faultOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it should have failed');
}

/** The arguments of every process of this machine. */
export async function commandLines(): Promise<{ pid: string; text: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return { pid, text };
  });
  return Promise.all(lines);
}

/** The pid of the pg_dump that writes this file. */
export async function findDump(file: string): Promise<string | undefined> {
  return (await commandLines()).find(({ text }) => text.includes('pg_dump') && text.includes(file))?.pid;
}

/** How many sessions of our programs wait for a lock. */
export async function waiting(dsn: string): Promise<number> {
  const [row] = await run<{ n: number }>(
    dsn,
    {},
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE application_name = 'backyard backup' AND wait_event_type = 'Lock'`,
  );
  return row?.n ?? 0;
}
