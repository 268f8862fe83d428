import { describe, expect, test } from 'vitest';
import { type DatabaseTarget, databaseRoles } from '../../domain/database.ts';
import type { SeenDatabase } from './database-catalog.ts';
import { DATABASE_STEP_NAMES, type DatabaseObservation, planDatabase } from './database-plan.ts';

const ID = '0b9f5a52-6f43-4f0e-9a57-0d8a3c3e5b11';
const { owner, read, write } = databaseRoles(ID);

const target: DatabaseTarget = {
  id: ID,
  name: 'a"b',
  desired: 'active',
  everSettled: true,
  connectionLimit: 50,
  extensions: ['vector'],
  logins: [{ role: 'shop', level: 'write' }],
};

const grant = (grantee: string | null, privilege: string, grantable = false) => ({
  grantee,
  privilege,
  grantable,
});

const database: SeenDatabase = {
  name: target.name,
  owner,
  ownedByUs: true,
  ours: true,
  invalid: false,
  allowsConnections: true,
  connectionLimit: 50,
  isTemplate: false,
  settings: [],
  grants: [
    grant(read, 'CONNECT'),
    grant(write, 'CONNECT'),
    grant(write, 'TEMPORARY'),
    grant(write, 'CREATE'),
  ],
  sizeBytes: 1,
  connections: 0,
  preparedTransactions: 0,
};

const seen: DatabaseObservation = {
  versionNumber: 180_000,
  database,
  groups: [owner, read, write].map((name) => ({ name, attributesRight: true, settingScopes: [] })),
  memberships: [{ role: write, member: 'shop', grantor: 'postgres' }],
  logins: [{ name: 'shop', canLogin: true, inWriteGroup: true }],
  inside: { extensions: [], unexpected: [], missing: [], misowned: [] },
  installableExtensions: [],
};

const withDatabase = (change: Partial<SeenDatabase>): DatabaseObservation => ({
  ...seen,
  database: { ...database, ...change },
});
const names = (wanted: Partial<DatabaseTarget>, observation: DatabaseObservation | null): string[] =>
  planDatabase({ ...target, ...wanted }, observation).map((step) => step.name);
const statements = (observation: DatabaseObservation): string[] =>
  planDatabase(target, observation).flatMap((step) => step.statements);

describe('active', () => {
  test('nothing to do when all is as it should be', () => {
    expect(planDatabase(target, seen)).toEqual([]);
  });

  test('a creation is closed until PUBLIC is out, and quotes every name', () => {
    const steps = planDatabase({ ...target, everSettled: false }, null);
    expect(steps.map((step) => step.name)).toEqual([
      'create-groups',
      'create-database',
      'open-database',
      'prepare-schema',
      'install-extensions',
    ]);
    expect(steps[1]?.statements).toEqual([
      `CREATE DATABASE "a""b" OWNER "${owner}" TEMPLATE template0 ENCODING 'UTF8' ALLOW_CONNECTIONS false CONNECTION LIMIT 50`,
    ]);
    expect(steps[2]?.statements).toEqual([
      'REVOKE CONNECT, TEMPORARY ON DATABASE "a""b" FROM PUBLIC CASCADE',
      `GRANT CONNECT ON DATABASE "a""b" TO "${read}"`,
      `GRANT CONNECT, TEMPORARY, CREATE ON DATABASE "a""b" TO "${write}"`,
      'ALTER DATABASE "a""b" WITH ALLOW_CONNECTIONS true',
    ]);
    expect(steps[4]?.names).toEqual(['vector']);
  });

  test('a creation goes on where it was cut off', () => {
    const closed = withDatabase({ allowsConnections: false, grants: [grant(null, 'CONNECT')] });
    expect(names({ everSettled: false }, { ...closed, inside: null })).toEqual(['open-database']);
    const half = { ...seen, database: null, groups: seen.groups.slice(0, 1), logins: [], memberships: [] };
    expect(names({ everSettled: false }, half)).toContain('create-groups');
  });

  test('a settled database that is gone, half dropped or replaced is reported', () => {
    const gone = [
      null,
      { ...seen, database: null },
      withDatabase({ invalid: true }),
      withDatabase({ ours: false }),
    ];
    for (const observation of gone) {
      for (const desired of ['active', 'suspended'] as const) {
        expect(() => planDatabase({ ...target, desired }, observation)).toThrow(
          expect.objectContaining({ code: 'database.vanished' }),
        );
      }
    }
  });

  test('too many rights, too few, and the right to hand on are each repaired', () => {
    const grants = [
      grant(read, 'CONNECT', true),
      grant(read, 'CREATE'),
      grant('eve', 'CONNECT'),
      grant(write, 'CONNECT'),
    ];
    expect(statements(withDatabase({ grants }))).toEqual([
      `REVOKE CREATE ON DATABASE "a""b" FROM "${read}" CASCADE`,
      'REVOKE CONNECT ON DATABASE "a""b" FROM "eve" CASCADE',
      `REVOKE GRANT OPTION FOR CONNECT ON DATABASE "a""b" FROM "${read}" CASCADE`,
      `GRANT TEMPORARY, CREATE ON DATABASE "a""b" TO "${write}"`,
    ]);
  });

  test('owner, limit, template mark and settings come back', () => {
    const change = { ownedByUs: false, connectionLimit: 7, isTemplate: true, settings: ['work_mem=1GB'] };
    expect(statements(withDatabase(change))).toEqual([
      `ALTER DATABASE "a""b" OWNER TO "${owner}"`,
      'ALTER DATABASE "a""b" RESET ALL',
      'ALTER DATABASE "a""b" WITH IS_TEMPLATE false CONNECTION LIMIT 50',
    ]);
  });

  test('memberships: nobody owns, only logins of ours are members, groups are members of nothing', () => {
    const memberships = [
      ...seen.memberships,
      { role: owner, member: 'shop', grantor: 'postgres' },
      { role: read, member: 'eve', grantor: 'mallory' },
      { role: 'pg_read_all_data', member: read, grantor: 'postgres' },
    ];
    expect(statements({ ...seen, memberships })).toEqual([
      `REVOKE "${owner}" FROM "shop" GRANTED BY "postgres" CASCADE`,
      `REVOKE "${read}" FROM "eve" GRANTED BY "mallory" CASCADE`,
      `REVOKE "pg_read_all_data" FROM "${read}" GRANTED BY "postgres" CASCADE`,
    ]);
    expect(statements({ ...seen, memberships, versionNumber: 150_000 })[1]).toBe(
      `REVOKE "${read}" FROM "eve" CASCADE`,
    );
  });

  test('only logins that are wanted are let in again', () => {
    const logins = ['shop', 'leaving'].map((name) => ({ name, canLogin: false, inWriteGroup: true }));
    expect(statements({ ...seen, logins })).toEqual(['ALTER ROLE "shop" LOGIN']);
  });

  test('differences inside become one statement for each object and grantee', () => {
    const one = {
      kind: 'table',
      schema: 's',
      name: 't',
      column: null,
      creator: null,
      grantee: null,
      optionOnly: false,
    } as const;
    const inside = {
      extensions: [],
      misowned: [{ kind: 'schema', schema: null, name: 's' }],
      unexpected: [
        { ...one, privilege: 'SELECT' },
        { ...one, privilege: 'INSERT' },
        { ...one, kind: 'column', column: 'c', privilege: 'UPDATE' },
        { ...one, kind: 'default', schema: null, name: 'TABLES', creator: 'shop', privilege: 'SELECT' },
      ],
      missing: [{ ...one, kind: 'sequence', grantee: read, privilege: 'SELECT' }],
    } as const;
    expect(names({}, { ...seen, inside })).toEqual(['repair-ownership', 'repair-privileges']);
    expect(statements({ ...seen, inside })).toEqual([
      `ALTER SCHEMA "s" OWNER TO "${write}"`,
      'REVOKE SELECT, INSERT ON TABLE "s"."t" FROM PUBLIC CASCADE',
      'REVOKE UPDATE ("c") ON TABLE "s"."t" FROM PUBLIC CASCADE',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "shop" REVOKE SELECT ON TABLES FROM PUBLIC CASCADE',
      `GRANT SELECT ON SEQUENCE "s"."t" TO "${read}"`,
    ]);
  });
});

describe('suspended', () => {
  const suspended = { desired: 'suspended' } as const;
  const shutOut = { ...seen, logins: seen.logins.map((login) => ({ ...login, canLogin: false })) };

  test('closes, then ends sessions; also those that are left in a closed one', () => {
    expect(names(suspended, seen)).toEqual(['close-database', 'end-sessions']);
    const left = { ...shutOut, database: { ...database, allowsConnections: false, connections: 2 } };
    expect(names(suspended, left)).toEqual(['end-sessions']);
    const unfinished = { ...shutOut, database: { ...database, allowsConnections: false } };
    expect(names(suspended, unfinished)).toEqual(['end-sessions']);
    const quiet = { ...shutOut, database: { ...database, allowsConnections: false, connectionLimit: 0 } };
    expect(names(suspended, quiet)).toEqual([]);
  });
});

describe('absent', () => {
  const absent = { desired: 'absent' } as const;

  test('goes through every part that is there, and is quiet when none is', () => {
    const prepared = withDatabase({ preparedTransactions: 1 });
    expect(names(absent, prepared)).toEqual([
      'close-database',
      'end-sessions',
      'roll-back-prepared',
      'drop-database',
      'drop-roles',
    ]);
    expect(planDatabase({ ...target, ...absent }, prepared).at(-1)?.names).toEqual([
      'shop',
      owner,
      read,
      write,
    ]);
    expect(names(absent, { ...seen, database: null })).toEqual(['drop-roles']);
    expect(names(absent, null)).toEqual([]);
  });

  test('what never settled goes only when our owner role owns it', () => {
    const foreign = withDatabase({ ownedByUs: false });
    expect(names({ ...absent, everSettled: false }, foreign)).toEqual(['drop-roles']);
    expect(names(absent, foreign)).toContain('drop-database');
    expect(names(absent, withDatabase({ ownedByUs: false, ours: false }))).toEqual(['drop-roles']);
  });
});

test('a plan uses declared step names only', () => {
  const used = [null, seen, withDatabase({ allowsConnections: false })].flatMap((observation) =>
    names({ desired: 'absent' }, observation),
  );
  for (const name of used) expect(DATABASE_STEP_NAMES).toContain(name);
});
