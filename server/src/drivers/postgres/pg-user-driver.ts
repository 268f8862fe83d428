/** Keeps the logins of managed databases true: pgweb contract 4.1, 4.4, 4.5 and section 6. */
import { databaseRoles } from '../../domain/database.ts';
import type { Driver } from '../../domain/driver.ts';
import type { PgUserTarget } from '../../domain/pg-user.ts';
import type { ClusterPool } from './cluster-pool.ts';
import { createLogin } from './create-login.ts';
import { endLoginSessions } from './end-sessions.ts';
import { type PgUserObservation, readLoginCatalog } from './pg-user-catalog.ts';
import { PG_USER_STEP_NAMES, type PgUserStep, planPgUser } from './pg-user-plan.ts';
import { ident, literal } from './quote.ts';
import { releaseRoles } from './release-roles.ts';

/**
 * The driver for users. Privileges on objects are the database driver's: this one keeps the role, its
 * membership, its settings, and sets its default privileges when it is made or changes level.
 * Faults: `database.vanished`, `database.closed`, `pg-user.no-free-name`, `database.sessions-remain`.
 */
export function pgUserDriver(pool: ClusterPool): Driver<PgUserTarget, PgUserObservation, PgUserStep> {
  return {
    kind: 'pg_user',
    stepNames: PG_USER_STEP_NAMES,
    observe: (target, signal) => readLoginCatalog(pool.admin, target, signal),
    plan: planPgUser,
    apply: (target, step, signal) => applyPgUserStep(pool, target, step, signal),
  };
}

async function applyPgUserStep(
  pool: ClusterPool,
  target: PgUserTarget,
  step: PgUserStep,
  signal: AbortSignal,
): Promise<void> {
  const { admin } = pool;
  switch (step.name) {
    case 'create-login':
      return createLogin(pool, target, signal);
    case 'repair-login':
      return admin.batch(withVerifier(target, step), signal);
    case 'change-level':
      return pool.inside(target.databaseName).batch(step.statements, signal);
    case 'end-old-sessions':
      return endLoginSessions(admin, loginSessions(target, step, target.sessionsEndedBefore), signal);
    case 'close-login':
      return admin.batch([`ALTER ROLE ${ident(step.login)} NOLOGIN`], signal);
    case 'end-sessions':
      await endLoginSessions(admin, loginSessions(target, step, null), signal);
      if (target.desired !== 'absent') return;
      return admin.batch([`ALTER ROLE ${ident(step.login)} CONNECTION LIMIT 0`], signal);
    case 'release-objects':
      return releaseRoles(
        pool,
        [step.login],
        { databaseName: target.databaseName, heir: databaseRoles(target.databaseId).write },
        signal,
      );
    case 'drop-login':
      return admin.batch([`DROP ROLE IF EXISTS ${ident(step.login)}`], signal);
  }
}

function withVerifier(target: PgUserTarget, step: PgUserStep): readonly string[] {
  if (!step.setsVerifier) return step.statements;
  return [...step.statements, `ALTER ROLE ${ident(step.login)} PASSWORD ${literal(target.verifier)}`];
}

function loginSessions(
  target: PgUserTarget,
  step: PgUserStep,
  before: string | null,
): Parameters<typeof endLoginSessions>[1] {
  return { databaseName: target.databaseName, login: step.login, before };
}
