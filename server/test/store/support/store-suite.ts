import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { createLog } from '../../../src/kernel/log.ts';
import { ChangeFeed } from '../../../src/store/changes.ts';
import { insertResource, type NewResource, type StoredResource } from '../../../src/store/resources.ts';
import { openStore, type Session, type Store } from '../../../src/store/store.ts';
import { insertUser, type NewUser, type StoredUser } from '../../../src/store/users.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { createMigratedDatabase } from './migrated-database.ts';

export const silentLog = createLog({ level: 'silent', pretty: false });

export interface StoreSuite {
  readonly url: string;
  readonly store: Store;
  /** Another process's pool on the same database; ended with the suite. */
  openStore(applicationName?: string): Store;
  /** A feed that listens; stopped with the suite. */
  openFeed(applicationName?: string): Promise<ChangeFeed>;
}

/** A migrated database of its own for a file, with a store on it. To be called once in a file. */
export function storeSuite(): StoreSuite {
  let database: TestDatabase | undefined;
  const stores: Store[] = [];
  const feeds: ChangeFeed[] = [];
  const url = () => {
    if (database === undefined) throw new Error('the suite has not begun');
    return database.dsn;
  };
  const open = (applicationName: string): Store => {
    const store = openStore({ url: url(), applicationName, maxConnections: 8 }, () => {});
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    database = await createMigratedDatabase();
    open('store suite');
  });
  afterAll(async () => {
    await Promise.all(feeds.map((feed) => feed.stop()));
    await Promise.all(stores.map((store) => store.destroy()));
    await database?.drop();
  });
  return {
    get url() {
      return url();
    },
    get store() {
      return stores[0] ?? open('store suite');
    },
    openStore: (applicationName = 'another store') => open(applicationName),
    openFeed: async (applicationName = 'feed') => {
      const feed = new ChangeFeed(url(), applicationName, silentLog);
      feeds.push(feed);
      await feed.start();
      return feed;
    },
  };
}

let names = 0;

/** A name that nothing else of this file has. */
export function newName(prefix = 'thing'): string {
  return `${prefix}_${++names}`;
}

export function newUser(db: Session, user: Partial<NewUser> = {}): Promise<StoredUser> {
  return insertUser(db, {
    username: newName('user'),
    email: null,
    passwordHash: null,
    isAdmin: false,
    rateLimitPerSecond: 10,
    rateLimitBurst: 20,
    ...user,
  });
}

const DATABASE_SPEC = { connectionLimit: 5, extensions: [], deletedAt: null, purgeAfter: null };

/** A database, or what the fields say; due at once, and nobody waits for it. */
export function newResource(db: Session, fields: Partial<NewResource> = {}): Promise<StoredResource> {
  const id = fields.id ?? randomUUID();
  return insertResource(db, {
    id,
    kind: 'database',
    rootId: id,
    ownerId: null,
    name: newName('database'),
    spec: DATABASE_SPEC,
    awaitedBy: null,
    ...fields,
  });
}

/** Runs SQL and hands out its rows. */
export async function rowsOf<T = Record<string, unknown>>(db: Session, query: RawBuilder<T>): Promise<T[]> {
  return (await query.execute(db)).rows;
}

/** A resource's row as it is now; throws when there is none. */
export function getRow(db: Session, id: string): Promise<StoredResource> {
  return db.selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** Names of the events of a resource, oldest first. */
export async function eventNames(db: Session, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('events')
    .select('name')
    .where('resource_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map(({ name }) => name);
}

/** How many statements of this database wait for a lock that another transaction has. */
export async function countWaiting(db: Session): Promise<number> {
  const query = sql<{ count: number }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  const [row] = await rowsOf(db, query);
  return row?.count ?? 0;
}

/** Ends the connections with this application name, as a restart of Postgres would. */
export async function cutConnections(db: Session, applicationName: string): Promise<number> {
  const query = sql<{ cut: boolean }>`
    select pg_terminate_backend(pid) as cut from pg_stat_activity
    where datname = current_database() and application_name = ${applicationName}`;
  return (await rowsOf(db, query)).filter(({ cut }) => cut).length;
}
