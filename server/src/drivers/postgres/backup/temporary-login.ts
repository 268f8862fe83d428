/**
 * The login that pg_dump and pg_restore use: of the write group, for a few hours, gone when the work ends.
 * Its comment says whose it is, so that the database driver counts it among the logins of its database and
 * a later clean-up finds it.
 */
import { randomBytes } from 'node:crypto';
import { databaseRoles } from '../../../domain/database.ts';
import { scramVerifier } from '../../../kernel/scram.ts';
import { randomText } from '../../../kernel/token.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { sqlState } from '../cluster-session.ts';
import { endLoginSessions } from '../end-sessions.ts';
import { loginComment } from '../managed-names.ts';
import { ident, literal } from '../quote.ts';
import { releaseRoles } from '../release-roles.ts';

export interface TemporaryLogin {
  readonly name: string;
  readonly password: string;
}

/** For whom, and in which database of the cluster it works. */
export interface LoginPlace {
  readonly databaseId: string;
  readonly databaseName: string;
}

/** Longest work of a login. Only a new connection asks for it, so work that began goes on. */
export const LOGIN_VALID_HOURS = 6;
const SUFFIX_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ATTRIBUTES = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS';
const DROP_TIMEOUT_MS = 30_000;
const DROP_TRIES = 5;
/** `dependent_objects_still_exist` */
const STILL_NEEDED = '2BP01';

/** Runs `work` with a login that is dropped afterwards, in every case. */
export async function withTemporaryLogin<T>(
  pool: ClusterPool,
  place: LoginPlace,
  work: (login: TemporaryLogin) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const hex = place.databaseId.replaceAll('-', '');
  const login = {
    name: `by_${hex}_tmp_${randomText(6, SUFFIX_ALPHABET)}`,
    password: randomBytes(24).toString('base64url'),
  };
  let result: T;
  try {
    await createLogin(pool, place, login, signal);
    result = await work(login);
  } catch (error) {
    try {
      await dropLogin(pool, place, login.name, AbortSignal.timeout(DROP_TIMEOUT_MS));
    } catch {
      // What went wrong first is what people must hear; the clean-up finds the login by its comment.
    }
    throw error;
  }
  // Not the caller's signal: work that is done must not leave a login behind.
  await dropLogin(pool, place, login.name, AbortSignal.timeout(DROP_TIMEOUT_MS));
  return result;
}

/** Drops every temporary login of a database that was left behind. */
export async function dropTemporaryLogins(
  pool: ClusterPool,
  place: LoginPlace,
  signal: AbortSignal,
): Promise<void> {
  const rows = await pool.admin.query<{ name: string }>(
    `SELECT a.rolname::text AS name FROM pg_authid a JOIN pg_shdescription s ON s.objoid = a.oid
     WHERE s.classoid = 'pg_authid'::regclass AND s.description = $1`,
    [temporaryComment(place.databaseId)],
    signal,
  );
  for (const { name } of rows) await dropLogin(pool, place, name, signal);
}

function temporaryComment(databaseId: string): string {
  return loginComment('temporary', databaseId);
}

async function createLogin(
  pool: ClusterPool,
  place: LoginPlace,
  login: TemporaryLogin,
  signal: AbortSignal,
): Promise<void> {
  // The server's clock, because the server compares with it.
  const [row] = await pool.admin.query<{ until: string }>(
    `SELECT (now() + make_interval(hours => $1))::text AS until`,
    [LOGIN_VALID_HOURS],
    signal,
  );
  if (row === undefined) throw new Error('A query that always gives one row gave none.');
  const { write } = databaseRoles(place.databaseId);
  const name = ident(login.name);
  const verifier = literal(await scramVerifier(login.password));
  await pool.admin.batch(
    [
      `CREATE ROLE ${name} ${ATTRIBUTES} PASSWORD ${verifier} VALID UNTIL ${literal(row.until)} IN ROLE ${ident(write)}`,
      `COMMENT ON ROLE ${name} IS ${literal(temporaryComment(place.databaseId))}`,
      `ALTER ROLE ${name} IN DATABASE ${ident(place.databaseName)} SET role = ${literal(write)}`,
    ],
    signal,
  );
}

/** The database driver may just then set default privileges for it, as for any login; hence the tries. */
async function dropLogin(
  pool: ClusterPool,
  place: LoginPlace,
  login: string,
  signal: AbortSignal,
): Promise<void> {
  const rows = await pool.admin.query('SELECT FROM pg_roles WHERE rolname = $1', [login], signal);
  if (rows.length === 0) return;
  const { databaseName, databaseId } = place;
  await pool.admin.batch([`ALTER ROLE ${ident(login)} NOLOGIN`], signal);
  await endLoginSessions(pool.admin, { databaseName, login, before: null }, signal);
  const home = { databaseName, heir: databaseRoles(databaseId).write };
  for (let tries = 1; ; tries++) {
    await releaseRoles(pool, [login], home, signal);
    try {
      return await pool.admin.batch([`DROP ROLE IF EXISTS ${ident(login)}`], signal);
    } catch (error) {
      if (sqlState(error) !== STILL_NEEDED || tries === DROP_TRIES) throw error;
    }
  }
}
