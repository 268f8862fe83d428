import { describe, expect, test } from 'vitest';
import { databaseRoles } from '../../domain/database.ts';
import type { PgUserTarget } from '../../domain/pg-user.ts';
import type { PgUserObservation } from './pg-user-catalog.ts';
import { planPgUser } from './pg-user-plan.ts';

const DATABASE_ID = '0b9f5a52-6f43-4f0e-9a57-0d8a3c3e5b11';
const { read, write } = databaseRoles(DATABASE_ID);

const target: PgUserTarget = {
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  username: 'shop',
  desired: 'active',
  everSettled: true,
  databaseId: DATABASE_ID,
  databaseName: 'store',
  permissionLevel: 'write',
  login: 'shop',
  verifier: 'SCRAM-SHA-256$4096:the-verifier',
  connectionLimit: 20,
  statementTimeout: '120s',
  idleTransactionTimeout: '10min',
  sessionsEndedBefore: null,
};

const membership = (role: string, member = 'shop', optionsRight = true) => ({
  role,
  member,
  grantor: 'postgres',
  optionsRight,
});

const seen: PgUserObservation = {
  versionNumber: 180_000,
  login: 'shop',
  canLogin: true,
  commentRight: true,
  attributesRight: true,
  connectionLimit: 20,
  verifierRight: true,
  settings: [
    {
      database: 'store',
      settings: [`role=${write}`, 'statement_timeout=120s', 'idle_in_transaction_session_timeout=10min'],
    },
  ],
  memberships: [membership(write)],
  sessions: 0,
  oldSessions: 0,
  hasDependencies: true,
  database: { allowsConnections: true, connectionLimit: 50 },
};

const plan = (change: Partial<PgUserObservation>, wanted: Partial<PgUserTarget> = {}) =>
  planPgUser({ ...target, ...wanted }, { ...seen, ...change });
const names = (...parts: Parameters<typeof plan>): string[] => plan(...parts).map((step) => step.name);
const statements = (...parts: Parameters<typeof plan>): string[] =>
  plan(...parts).flatMap((step) => step.statements);

describe('active', () => {
  test('made when absent, left alone when right, in any order of settings', () => {
    expect(planPgUser(target, null).map((step) => step.name)).toEqual(['create-login']);
    expect(plan({})).toEqual([]);
  });

  test('a wrong password is set, and its verifier stands in no step', () => {
    const steps = plan({ verifierRight: false });
    expect(steps).toEqual([{ name: 'repair-login', login: 'shop', statements: [], setsVerifier: true }]);
    expect(JSON.stringify([steps, planPgUser(target, null)])).not.toContain('the-verifier');
  });

  test('attributes, comment and settings come back; settings elsewhere go', () => {
    const settings = [
      { database: null, settings: ['work_mem=1GB'] },
      { database: 'other', settings: ['work_mem=1GB'] },
      { database: 'store', settings: ['statement_timeout=0'] },
    ];
    expect(statements({ canLogin: false, commentRight: false, settings })).toEqual([
      `ALTER ROLE "shop" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20 VALID UNTIL 'infinity'`,
      `COMMENT ON ROLE "shop" IS 'backyard pg_user ${target.id} of database ${DATABASE_ID}'`,
      'ALTER ROLE "shop" RESET ALL',
      'ALTER ROLE "shop" IN DATABASE "other" RESET ALL',
      'ALTER ROLE "shop" IN DATABASE "store" RESET ALL',
      `ALTER ROLE "shop" IN DATABASE "store" SET statement_timeout = '120s'`,
      `ALTER ROLE "shop" IN DATABASE "store" SET idle_in_transaction_session_timeout = '10min'`,
      `ALTER ROLE "shop" IN DATABASE "store" SET role = '${write}'`,
    ]);
  });

  test('a membership too many goes, a doubled one too, and who joined the login', () => {
    const memberships = [
      ...seen.memberships,
      membership('pg_monitor'),
      membership(write),
      membership('shop', 'eve'),
    ];
    expect(statements({ memberships })).toEqual([
      'REVOKE "pg_monitor" FROM "shop" GRANTED BY "postgres" CASCADE',
      `REVOKE "${write}" FROM "shop" GRANTED BY "postgres" CASCADE`,
      'REVOKE "shop" FROM "eve" GRANTED BY "postgres" CASCADE',
    ]);
  });

  test('a change of level ends sessions, since they keep the role that they took', () => {
    const reader = { permissionLevel: 'read' } as const;
    expect(names({ sessions: 1 }, reader)).toEqual(['repair-login', 'change-level', 'end-sessions']);
    const [, change] = plan({}, reader);
    expect(change?.statements.slice(0, 3)).toEqual([
      `REVOKE "${write}" FROM "shop" GRANTED BY "postgres" CASCADE`,
      `GRANT "${read}" TO "shop"`,
      `REASSIGN OWNED BY "shop" TO "${write}"`,
    ]);
    expect(names({ memberships: [] })).toEqual(['change-level']);
    expect(names({ memberships: [membership(write), membership(read)] })).toEqual(['change-level']);
  });

  test('old sessions end; a database that is gone is reported', () => {
    expect(names({ oldSessions: 1 })).toEqual(['end-old-sessions']);
    expect(() => plan({ database: null })).toThrow(expect.objectContaining({ code: 'database.vanished' }));
  });
});

describe('suspended and absent', () => {
  const suspended = { desired: 'suspended' } as const;
  const absent = { desired: 'absent' } as const;

  test('suspended: shut out, sessions ended, then quiet; never made', () => {
    expect(names({}, suspended)).toEqual(['close-login', 'end-sessions']);
    expect(names({ canLogin: false, sessions: 1 }, suspended)).toEqual(['end-sessions']);
    expect(names({ canLogin: false }, suspended)).toEqual([]);
    expect(planPgUser({ ...target, ...suspended }, null)).toEqual([]);
  });

  test('absent: objects are released before the role goes, also when only the door was left ajar', () => {
    expect(names({}, absent)).toEqual(['close-login', 'end-sessions', 'release-objects', 'drop-login']);
    expect(names({ canLogin: false }, absent)).toEqual(['end-sessions', 'release-objects', 'drop-login']);
    const empty = { canLogin: false, connectionLimit: 0, hasDependencies: false };
    expect(names(empty, absent)).toEqual(['drop-login']);
    expect(names({ ...empty, database: null }, absent)).toEqual(['drop-login']);
    const ajar = { allowsConnections: true, connectionLimit: 0 };
    expect(names({ ...empty, database: ajar }, absent)).toEqual(['release-objects', 'drop-login']);
    expect(planPgUser({ ...target, ...absent }, null)).toEqual([]);
  });
});
