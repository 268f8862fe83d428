/** Makes the login of a user under a name that is free, with everything that belongs to it, in one transaction. */
import type { PgUserTarget } from '../../domain/pg-user.ts';
import { Fault } from '../../kernel/fault.ts';
import type { ClusterPool } from './cluster-pool.ts';
import { sqlState } from './cluster-session.ts';
import { loginDefaultStatements } from './expected-privileges.ts';
import { isReservedLogin, loginCandidates } from './login-names.ts';
import { commentStatement, groupsOf, loginAttributes, settingStatements } from './login-statements.ts';
import { loginComment } from './managed-names.ts';
import { ident, literal } from './quote.ts';

const RACES = 5;
/** `duplicate_object`, or a unique violation when both makers came in the same moment. */
const NAME_LOST = new Set(['42710', '23505']);

/** Does nothing when the login is there already. Fault `pg-user.no-free-name` when every name is taken. */
export async function createLogin(
  pool: ClusterPool,
  target: PgUserTarget,
  signal: AbortSignal,
): Promise<void> {
  for (let race = 0; race < RACES; race++) {
    const login = await chooseLogin(pool, target, signal);
    if (login === 'exists') return;
    try {
      return await makeLogin(pool, target, login.name, signal);
    } catch (error) {
      if (!NAME_LOST.has(sqlState(error) ?? '')) throw error;
    }
  }
  throw new Fault('pg-user.no-free-name', 'Others took every name that the login could have had.');
}

async function chooseLogin(
  pool: ClusterPool,
  target: PgUserTarget,
  signal: AbortSignal,
): Promise<{ name: string } | 'exists'> {
  const candidates = loginCandidates(target);
  const rows = await pool.admin.query<{ name: string | null; ours: boolean; admin: string }>(
    `SELECT a.rolname::text AS name, s.description IS NOT DISTINCT FROM $2 AS ours, me.admin
     FROM (SELECT current_user::text AS admin) me
     LEFT JOIN pg_authid a ON a.rolname = ANY ($1::text[])
     LEFT JOIN pg_shdescription s ON s.objoid = a.oid AND s.classoid = 'pg_authid'::regclass`,
    [candidates, loginComment(target.id, target.databaseId)],
    signal,
  );
  if (rows.some((row) => row.ours)) return 'exists';
  const taken = new Set(rows.map((row) => row.name));
  const admin = rows[0]?.admin ?? '';
  const name = candidates.find((one) => !taken.has(one) && !isReservedLogin(one, admin));
  if (name === undefined) {
    throw new Fault('pg-user.no-free-name', 'Every name that the login could have is taken in the cluster.');
  }
  return { name };
}

async function makeLogin(
  pool: ClusterPool,
  target: PgUserTarget,
  login: string,
  signal: AbortSignal,
): Promise<void> {
  const create = `CREATE ROLE ${ident(login)} ${loginAttributes(target)}`;
  const statements = [
    `${create} PASSWORD ${literal(target.verifier)} IN ROLE ${ident(groupsOf(target).right)}`,
    commentStatement(target, login),
    ...settingStatements(target, login),
  ];
  // Only default privileges have to be said from inside; a reader has none and saves the connection.
  if (target.permissionLevel === 'read') return pool.admin.batch(statements, signal);
  const defaults = loginDefaultStatements(login, target.databaseId);
  return pool.inside(target.databaseName).batch([...statements, ...defaults], signal);
}
