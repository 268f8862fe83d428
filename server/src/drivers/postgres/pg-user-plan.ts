/** From what was seen of a user's login to the steps that make it as asked for. Pure. */
import type { Step } from '../../domain/driver.ts';
import type { PgUserTarget } from '../../domain/pg-user.ts';
import { Fault } from '../../kernel/fault.ts';
import { isAjar } from './closed-database.ts';
import {
  commentStatement,
  groupsOf,
  isInGroup,
  levelStatements,
  loginAttributes,
  membershipRepairs,
  settingRepairs,
  wrongMemberships,
} from './login-statements.ts';
import type { PgUserObservation } from './pg-user-catalog.ts';
import { ident } from './quote.ts';

export const PG_USER_STEP_NAMES = [
  'create-login',
  'repair-login',
  'change-level',
  'end-old-sessions',
  'close-login',
  'end-sessions',
  'release-objects',
  'drop-login',
] as const;

export interface PgUserStep extends Step {
  readonly name: (typeof PG_USER_STEP_NAMES)[number];
  /** The role; empty for the step that chooses it. */
  readonly login: string;
  readonly statements: readonly string[];
  /** The verifier is set too; it never stands in a step. */
  readonly setsVerifier: boolean;
}

/** The steps, in order. Throws Fault `database.vanished` for a user whose database is not in the cluster. */
export function planPgUser(target: PgUserTarget, seen: PgUserObservation | null): readonly PgUserStep[] {
  if (target.desired === 'active')
    return seen === null ? [step('create-login', '')] : planActive(target, seen);
  if (seen === null) return [];
  return target.desired === 'suspended' ? planSuspended(seen) : planAbsent(seen);
}

function planActive(target: PgUserTarget, seen: PgUserObservation): PgUserStep[] {
  if (seen.database === null) {
    throw new Fault('database.vanished', 'The database of this user is gone from the cluster.');
  }
  const changesLevel =
    !isInGroup(target, seen) ||
    wrongMemberships(target, seen).some((one) => one.role === groupsOf(target).wrong);
  const memberships = membershipRepairs(target, seen);
  const repairs = [...roleRepairs(target, seen), ...(changesLevel ? [] : memberships)];
  const steps: PgUserStep[] = [];
  if (repairs.length > 0 || !seen.verifierRight) {
    steps.push({ ...step('repair-login', seen.login, repairs), setsVerifier: !seen.verifierRight });
  }
  if (changesLevel) {
    const statements = [...memberships, ...levelStatements(target, seen.login)];
    steps.push(step('change-level', seen.login, statements));
    // A session that took the old group's role keeps it until it ends.
    if (seen.sessions > 0) steps.push(step('end-sessions', seen.login));
  } else if (seen.oldSessions > 0) {
    steps.push(step('end-old-sessions', seen.login));
  }
  return steps;
}

function roleRepairs(target: PgUserTarget, seen: PgUserObservation): string[] {
  const alter = `ALTER ROLE ${ident(seen.login)}`;
  const attributes = seen.attributesRight && seen.canLogin;
  return [
    ...(attributes ? [] : [`${alter} ${loginAttributes(target)} VALID UNTIL 'infinity'`]),
    ...(seen.commentRight ? [] : [commentStatement(target, seen.login)]),
    ...settingRepairs(target, seen),
  ];
}

function planSuspended(seen: PgUserObservation): PgUserStep[] {
  return [
    ...(seen.canLogin ? [step('close-login', seen.login)] : []),
    ...(seen.canLogin || seen.sessions > 0 ? [step('end-sessions', seen.login)] : []),
  ];
}

function planAbsent(seen: PgUserObservation): PgUserStep[] {
  const ajar = seen.database !== null && isAjar(seen.database);
  // The limit is the mark that the end of sessions was seen through, those included that show nowhere yet.
  const ended = !seen.canLogin && seen.sessions === 0 && seen.connectionLimit === 0;
  return [
    ...(seen.canLogin ? [step('close-login', seen.login)] : []),
    ...(ended ? [] : [step('end-sessions', seen.login)]),
    ...(seen.hasDependencies || ajar ? [step('release-objects', seen.login)] : []),
    step('drop-login', seen.login),
  ];
}

function step(name: PgUserStep['name'], login: string, statements: readonly string[] = []): PgUserStep {
  return { name, login, statements, setsVerifier: false };
}
