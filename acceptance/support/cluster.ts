/** The managed cluster, seen from outside Backyard: by its logins, and by its superuser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Product } from './product.ts';
import type { Login } from './wire.ts';

export type Row = Readonly<Record<string, unknown>>;

interface Superuser {
  readonly port: number;
  readonly password: string;
}

/** How the superuser of the embedded Postgres signs in. */
export function superuserOf(product: Product): Superuser {
  return JSON.parse(readFileSync(join(product.dataDir, 'postgres.json'), 'utf8')) as Superuser;
}

async function opened(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 10_000 });
  // A session that the server ends reports it here as well as in its query; without a listener that would
  // end the test process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A session as the login that an answer handed out. */
export function connect(login: Login): Promise<pg.Client> {
  const { host, port, database, user, password } = login;
  return opened({ host, port, database, user, password });
}

/** Runs `work` in a session of the login, and ends that. */
export async function as<T>(login: Login, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(login);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** `undefined` when the login gets in, else the SQLSTATE with which it was turned away. */
export async function refusal(login: Login): Promise<string | undefined> {
  try {
    await as(login, (client) => client.query('select 1'));
    return undefined;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code;
    throw error;
  }
}

/** The SQLSTATE of a statement that fails, `undefined` when it succeeds. */
export async function failure(client: pg.Client, statement: string): Promise<string | undefined> {
  try {
    await client.query(statement);
    return undefined;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code;
    throw error;
  }
}

/** One statement as the cluster's superuser. */
export async function superuser(
  product: Product,
  statement: string,
  values: readonly unknown[] = [],
  database = 'postgres',
): Promise<readonly Row[]> {
  const { port, password } = superuserOf(product);
  const client = await opened({ host: '127.0.0.1', port, user: 'postgres', password, database });
  try {
    const result = await client.query(statement, [...values]);
    return result.rows as Row[];
  } finally {
    await client.end();
  }
}

export const quote = pg.escapeIdentifier;

/** Everything in the cluster that a tenant could have caused. */
export interface Inventory {
  readonly databases: readonly string[];
  readonly roles: readonly string[];
}

export async function inventory(product: Product): Promise<Inventory> {
  const databases = await superuser(product, 'select datname as name from pg_database order by 1');
  const roles = await superuser(
    product,
    `select rolname as name from pg_roles where rolname !~ '^pg_' order by 1`,
  );
  return {
    databases: databases.map((row) => String(row.name)),
    roles: roles.map((row) => String(row.name)),
  };
}

/** What `now` has beyond `before`. */
export function beyond(before: Inventory, now: Inventory): Inventory {
  return {
    databases: now.databases.filter((name) => !before.databases.includes(name)),
    roles: now.roles.filter((name) => !before.roles.includes(name)),
  };
}

/** The group roles of a database (pgweb 4.1). */
export function groupRoles(databaseId: string): { owner: string; read: string; write: string } {
  const hex = databaseId.replaceAll('-', '');
  return { owner: `by_${hex}_owner`, read: `by_${hex}_read`, write: `by_${hex}_write` };
}
