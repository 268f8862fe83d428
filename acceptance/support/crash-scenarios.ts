/**
 * Calls that a crash may cut off, the points each of them passes, and what must be true afterwards. The test
 * fails for a point of the server's list that stands neither here nor among `neverPassed`.
 */
import type pg from 'pg';
import { expect } from 'vitest';
import type { Answer, Api } from './api.ts';
import { as, connect, refusal } from './cluster.ts';
import { uniqueName } from './people.ts';
import { createDatabase, createPgUser, getDatabase, listPgUsers, rotate, softDelete } from './resources.ts';
import type { CreatedPgUser, Database, PgUser, Rotated } from './wire.ts';

export interface Target {
  /** The name of what is being made, where something is. */
  readonly name: string;
  readonly database?: Database;
  readonly user?: CreatedPgUser;
  /** A session of the user that was open before. */
  readonly session?: pg.Client;
}

export interface Scenario {
  readonly call: string;
  readonly passes: readonly RegExp[];
  /** Before the point is armed; everything here was acknowledged. */
  prepare(admin: Api): Promise<Target>;
  /** The call that is cut off. */
  send(admin: Api, target: Target): Promise<Answer>;
  /** Throws while the state is neither the one before nor the one after, or not the one it has to be. */
  check(admin: Api, target: Target, point: string): Promise<void>;
  /** The answer got out before the server died: what it said must be so. */
  acknowledged(admin: Api, target: Target, answer: Answer): Promise<void>;
  /** Once all is well: the same call works now. */
  again?(admin: Api, target: Target): Promise<void>;
}

/** Work was over, and the answer under way or out: the new state may stand then, otherwise it may not. */
export function wasDone(point: string): boolean {
  return point.startsWith('settle/') && point.endsWith('after');
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the scenario prepared nothing');
  return value;
}

async function withUser(admin: Api): Promise<Target> {
  const database = await createDatabase(admin);
  return { name: '', database, user: await createPgUser(admin, database.database_id, 'write') };
}

async function listed(admin: Api): Promise<readonly Database[]> {
  const { status, body } = await admin.get<readonly Database[]>('/api/databases?scope=all');
  expect(status).toBe(200);
  return body;
}

/** The database is open to its user, or closed to everybody; nothing between. */
async function expectOpenOrClosed(admin: Api, { database, user }: Target): Promise<void> {
  const { status } = await getDatabase(admin, must(database).database_id);
  expect(['active', 'soft_deleted']).toContain(status);
  const code = await refusal(must(user).connection);
  if (status === 'active') expect(code).toBeUndefined();
  else expect(code).toBeDefined();
}

async function expectRotates(admin: Api, user: PgUser | undefined): Promise<void> {
  const { connection } = await rotate(admin, must(user));
  expect(await refusal(connection)).toBeUndefined();
}

async function expectStatus(admin: Api, database: Database | undefined, status: Database['status']) {
  expect((await getDatabase(admin, must(database).database_id)).status).toBe(status);
}

function pathOf({ database, user }: Target): string {
  return `/api/databases/${must(database).database_id}/pgusers/${must(user).pg_user_id}`;
}

export const createADatabase: Scenario = {
  call: 'create a database',
  passes: [
    /^database\/active\/(create-groups|create-database|open-database|prepare-schema|install-extensions):/,
    /^operation\/database\.create\//,
    /^settle\/database[:/]/,
  ],
  prepare: async () => ({ name: uniqueName('crash') }),
  send: (admin, { name }) => admin.post('/api/databases', { name }),
  acknowledged: async (admin, _, { body }) => {
    expect((await getDatabase(admin, (body as Database).database_id)).status).toBe('active');
  },
  check: async (admin, { name }, point) => {
    const found = (await listed(admin)).find((one) => one.pg_database_name === name);
    if (found === undefined) return;
    expect(wasDone(point), `${name} is left behind: ${found.status}`).toBe(true);
    expect(found.status).toBe('active');
  },
  again: async (admin, { name }) => {
    const found = (await listed(admin)).find((one) => one.pg_database_name === name);
    const { database_id } = found ?? (await createDatabase(admin, name));
    expect(await refusal((await createPgUser(admin, database_id, 'write')).connection)).toBeUndefined();
  },
};

export const createAUser: Scenario = {
  call: 'create a user',
  passes: [/^pg_user\/active\/create-login:/, /^operation\/pg-user\.create\//, /^settle\/pg_user[:/]/],
  prepare: async (admin) => ({ name: uniqueName('crash_'), database: await createDatabase(admin) }),
  send: (admin, { name, database }) =>
    admin.post(`/api/databases/${must(database).database_id}/pgusers`, {
      username: name,
      permission_level: 'write',
    }),
  acknowledged: async (_, __, { body }) => {
    expect(await refusal((body as CreatedPgUser).connection)).toBeUndefined();
  },
  check: async (admin, { name, database }, point) => {
    const users = await listPgUsers(admin, must(database).database_id);
    const found = users.find((one) => one.pg_username === name);
    expect(found === undefined || wasDone(point), `${name} is left behind`).toBe(true);
  },
  again: async (admin, { name, database }) => {
    const users = await listPgUsers(admin, must(database).database_id);
    if (users.length > 0) return expectRotates(admin, users[0]);
    const user = await createPgUser(admin, must(database).database_id, 'write', name);
    expect(await refusal(user.connection)).toBeUndefined();
  },
};

export const rotateAPassword: Scenario = {
  call: 'regenerate a password',
  passes: [
    /^pg_user\/active\/repair-login:/,
    /^operation\/pg-user\.rotate-password\//,
    /^settle\/pg_user[:/]/,
  ],
  prepare: withUser,
  send: (admin, target) => admin.post(`${pathOf(target)}/regenerate-password`),
  acknowledged: async (_, __, { body }) => {
    expect(await refusal((body as Rotated).connection)).toBeUndefined();
  },
  check: async (_, { user }, point) => {
    const code = await refusal(must(user).connection);
    expect(code === undefined || wasDone(point), `the acknowledged password is refused: ${code}`).toBe(true);
  },
  again: (admin, { user }) => expectRotates(admin, user),
};

const rotateAndEndSessions: Scenario = {
  ...rotateAPassword,
  call: 'regenerate a password and end sessions',
  passes: [/^pg_user\/active\/end-old-sessions:/],
  prepare: async (admin) => {
    const target = await withUser(admin);
    return { ...target, session: await connect(must(target.user).connection) };
  },
  send: (admin, target) => admin.post(`${pathOf(target)}/regenerate-password`, { terminate_sessions: true }),
  again: async (admin, { user, session }) => {
    await session?.end();
    await expectRotates(admin, user);
  },
};

export const deleteADatabase: Scenario = {
  call: 'delete a database',
  passes: [
    /^database\/suspended\/(close-database|end-sessions):/,
    /^operation\/database\.delete\//,
    /^settle\/database[:/]/,
  ],
  prepare: withUser,
  send: (admin, { database }) => admin.delete(`/api/databases/${must(database).database_id}`),
  acknowledged: (admin, { database }) => expectStatus(admin, database, 'soft_deleted'),
  check: expectOpenOrClosed,
};

const restoreADatabase: Scenario = {
  call: 'undelete a database',
  passes: [/^operation\/database\.undelete\//, /^database\/active\/open-database:/],
  prepare: async (admin) => {
    const target = await withUser(admin);
    await softDelete(admin, must(target.database).database_id);
    return target;
  },
  send: (admin, { database }) => admin.post(`/api/databases/${must(database).database_id}/undelete`),
  acknowledged: (admin, { database }) => expectStatus(admin, database, 'active'),
  check: expectOpenOrClosed,
};

const deleteAUser: Scenario = {
  call: 'delete a user',
  passes: [
    /^pg_user\/absent\/(close-login|end-sessions|release-objects|drop-login):/,
    /^operation\/pg-user\.delete\//,
    /^settle\/pg_user[:/]/,
  ],
  prepare: async (admin) => {
    const target = await withUser(admin);
    await as(must(target.user).connection, (client) => client.query('set role none; create table own ()'));
    return target;
  },
  send: (admin, target) => admin.delete(pathOf(target)),
  acknowledged: async (admin, { database }) => {
    expect(await listPgUsers(admin, must(database).database_id)).toEqual([]);
  },
  check: async (admin, { database, user }) => {
    const users = await listPgUsers(admin, must(database).database_id);
    const code = await refusal(must(user).connection);
    if (users.length === 0) expect(code).toBe('28P01');
    else expect(code).toBeUndefined();
  },
};

const purgeADatabase: Scenario = {
  call: 'purge a database',
  passes: [
    /^operation\/database\.purge\//,
    /^database\/absent\/(drop-database|drop-roles):/,
    /^settle\/database[:/]/,
  ],
  prepare: restoreADatabase.prepare,
  send: (admin, { database }) => {
    const { database_id, pg_database_name } = must(database);
    return admin.post(`/api/databases/${database_id}/purge`, { confirm: pg_database_name });
  },
  // The purge is acknowledged before the work; the check asks for its end in any case.
  acknowledged: async (_, __, { status }) => expect(status).toBe(202),
  check: async (admin, { database }) => {
    const left = (await listed(admin)).find((one) => one.database_id === must(database).database_id);
    expect(left).toBeUndefined();
  },
};

export const scenarios: readonly Scenario[] = [
  createADatabase,
  createAUser,
  rotateAPassword,
  rotateAndEndSessions,
  deleteADatabase,
  restoreADatabase,
  deleteAUser,
  purgeADatabase,
];

/** Points that no single call passes, with the reason why. */
export const neverPassed: readonly RegExp[] = [
  // The start looks after the cluster as a whole, not a call.
  /^(?:settle\/)?cluster[/:]/,
  // Drift: a person changed something by hand.
  /^database\/active\/repair-/,
  /^pg_user\/active\/(?:change-level|end-sessions):/,
  // A spare is given its name, which spares.test.ts tries, or a person renamed a database.
  /^database\/(?:active|absent)\/rename-database:/,
  // The half of a database that an earlier crash left.
  /^database\/active\/drop-database:/,
  // A purge finds the database closed already; prepared transactions are off in the embedded Postgres.
  /^database\/absent\/(?:close-database|end-sessions|roll-back-prepared):/,
  // Users are closed with their database, in one step of that.
  /^pg_user\/suspended\//,
  // Steps that belong to another wish: nothing is closed or dropped that shall be open, and the reverse.
  /^database\/active\/(?:close-database|end-sessions|roll-back-prepared|drop-roles):/,
  /^database\/suspended\/(?!close-database|end-sessions)/,
  /^database\/absent\/(?:create-|repair-|open-|prepare-|install-)/,
  /^pg_user\/active\/(?:close-login|release-objects|drop-login):/,
  /^pg_user\/absent\/(?:create-login|repair-login|change-level|end-old-sessions):/,
];
