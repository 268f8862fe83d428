/** The words of the pgweb contract for everything that can go wrong. */

import type { BackupJob } from '../../domain/backup.ts';
import type { Fault } from '../../kernel/fault.ts';
import type { FieldFault } from '../kit/field-fault.ts';
import { type Answer, PLAIN_STATUS, type PresentProblem } from '../kit/problem.ts';
import { presentBackupJob } from './present-backup.ts';

type Words = (details: Readonly<Record<string, unknown>>) => readonly [number, string];

const FAULTS: Readonly<Record<string, Words>> = {
  unauthenticated: () => [401, 'Unauthorized. Please log in.'],
  'oidc.not-configured': () => [503, 'OIDC not configured'],
  'sign-in.no-browser': () => [400, 'State not found in session or session error'],
  'sign-in.state': () => [400, 'Invalid OIDC state'],
  'oidc.state': () => [400, 'Invalid OIDC state'],
  'oidc.refused': ({ code }) => [400, `Sign-in was refused: ${code}`],
  'oidc.exchange': () => [400, 'Failed to exchange code for token'],
  'oidc.id-token-missing': () => [400, 'ID token missing'],
  'oidc.id-token-invalid': () => [400, 'Failed to verify ID token'],
  'oidc.nonce': () => [400, 'Invalid ID token nonce'],
  'sign-in.disabled': () => [403, 'User account is disabled'],
  'sign-in.not-allowed': () => [403, 'Sign-in is not allowed for this account'],
  'sign-in.account-failed': () => [500, 'Failed to create user profile'],
  'sign-in.session-failed': () => [500, 'Failed to store user session'],
  'forbidden.scope': ({ scope }) => [403, `This key lacks the scope ${scope}`],
  'quota.reached': ({ what, used, limit }) => [403, `${what} quota reached (${used} of ${limit})`],
  'provisioning.not-configured': ({ message }) => [
    503,
    `Database provisioning is not configured: ${message}`,
  ],
  'database.name-invalid': () => [
    400,
    'Invalid database name. Name must be 3-63 chars, alphanumeric, underscores, hyphens, start/end with alphanumeric, and not use reserved prefixes.',
  ],
  'database.name-taken': ({ name }) => [
    409,
    `Database name '${name}' is already taken. Please choose a different name.`,
  ],
  'database.provisioning-failed': () => [500, 'Failed to provision database'],
  'database.not-found': () => [404, 'Database not found or not owned by user'],
  'database.deleting': () => [409, 'Database deletion is already in progress'],
  'database.state': ({ phase }) => [409, `Database is not in active state (current state: ${phase})`],
  'database.not-active': ({ phase }) => [409, `Database is not in active state (current state: ${phase})`],
  'database.delete-failed': () => [500, 'Failed to soft-delete database'],
  'database.not-deleted': ({ phase }) => [409, `Database is not soft-deleted (current state: ${phase})`],
  'database.undelete-failed': () => [500, 'Failed to restore database'],
  'database.confirmation': () => [400, 'confirm must be the name of the database'],
  'pg-user.database-not-found': () => [404, 'Managed database not found or not owned by user'],
  'pg-user.not-found': () => [404, 'PostgreSQL user not found or parent database not owned by user'],
  'pg-user.other-database': () => [400, 'PostgreSQL user does not belong to the specified database'],
  'pg-user.name-invalid': () => [
    400,
    "Invalid PostgreSQL username. Must be 3-63 chars, lowercase alphanumeric, underscores, start with letter, no 'pg_' prefix.",
  ],
  'pg-user.name-taken': ({ name }) => [409, `PostgreSQL username '${name}' already exists in this database.`],
  'pg-user.not-active': ({ phase }) => [
    409,
    `PostgreSQL user is not in active state (current state: ${phase})`,
  ],
  'pg-user.provisioning-failed': () => [500, 'Failed to provision PostgreSQL user'],
  'pg-user.rotation-failed': () => [500, 'Failed to regenerate PostgreSQL user password'],
  'pg-user.delete-failed': () => [500, 'Failed to delete PostgreSQL user'],
};

/** Faults whose answer carries more than a text. */
function presentBackupFault({ code, message, details }: Fault): Answer | undefined {
  switch (code) {
    case 'backup.not-active':
      return answer(400, `Database must be active to ${details.type}`);
    case 'backup.empty':
      return answer(400, 'Empty upload data');
    case 'backup.not-found':
      return answer(404, 'Backup job not found');
    case 'backup.expired':
      return answer(410, 'Backup file has expired');
    case 'backup.too-large':
      return answer(413, 'Request body too large');
    case 'backup.unavailable':
      return answer(503, `Backups are not available: ${message}`);
    case 'backup.not-completed':
      return { status: 400, body: { error: 'Backup is not yet completed', status: details.status } };
    case 'backup.under-way': {
      const job = details.job as BackupJob;
      const error = `A ${job.type} job is already in progress`;
      return { status: 409, body: { error, job: presentBackupJob(job) } };
    }
    default:
      return undefined;
  }
}

/** What a route says when we are at fault and know no better. */
const UNEXPECTED: Readonly<Record<string, string>> = {
  'database.list': 'Failed to retrieve databases',
  'database.get': 'Failed to retrieve database',
  'database.delete': 'Failed to soft-delete database',
  'pg-user.list': 'Failed to retrieve PostgreSQL users',
  'pg-user.rotate-password': 'Failed to regenerate PostgreSQL user password',
};

function answer(status: number, error: string, headers?: Record<string, string>): Answer {
  return { status, body: { error }, ...(headers && { headers }) };
}

function presentFault(fault: Fault, operation: string | undefined): Answer | undefined {
  // Before the browser left, the sign-in cannot be served; after it came back, what stands behind us failed.
  if (fault.code === 'oidc.unavailable') {
    return answer(operation === 'sign-in.complete' ? 502 : 503, 'OIDC provider unavailable');
  }
  const words = FAULTS[fault.code];
  if (!words) return presentBackupFault(fault);
  const [status, text] = words({ message: fault.message, ...fault.details });
  return answer(status, text, status === 401 ? { 'www-authenticate': 'Bearer' } : undefined);
}

function presentField(fault: FieldFault): Answer {
  if (fault.field === 'database_id') return answer(400, 'Invalid database ID format');
  if (fault.field === 'job_id') return answer(400, 'Invalid backup job ID format');
  if (fault.field === 'pg_user_id') return answer(400, 'Invalid PostgreSQL user ID format');
  if (fault.part === 'query') return answer(400, queryText(fault.field));
  return answer(400, `Invalid request payload: ${bodyText(fault)}`);
}

function queryText(field: string | null): string {
  if (field === 'limit') return 'limit must be a whole number from 1 to 500';
  if (field === 'provider' || field === 'return_to') return `${field} must be given once, as text`;
  if (field === 'offset') return 'offset must be a whole number from 0';
  return 'scope must be one of own, all';
}

function bodyText({ field, rule, value }: FieldFault): string {
  if (field === null) return 'body must be an object';
  if (rule === 'required' || rule === 'minLength' || value === null || value === '') {
    return `${field} is required`;
  }
  if (field === 'permission_level' && typeof value === 'string') {
    return 'permission_level must be one of read, write';
  }
  return `${field} must be a ${field === 'terminate_sessions' ? 'boolean' : 'string'}`;
}

export const presentProblem: PresentProblem = (problem, route) => {
  switch (problem.kind) {
    case 'fault':
      return presentFault(problem.fault, route?.operation) ?? unexpected(route?.operation);
    case 'fields':
      return presentField(problem.fields[0]);
    case 'malformed-json':
      return answer(400, 'Invalid request payload: malformed JSON');
    case 'rate-limited':
      return answer(PLAIN_STATUS['rate-limited'], 'Rate limit exceeded');
    case 'cross-site':
      return answer(PLAIN_STATUS['cross-site'], 'Cross-site request refused');
    case 'too-large':
      return answer(413, 'Request body too large');
    case 'media-type':
      return answer(415, 'Content-Type must be application/json');
    case 'not-found':
      return answer(404, 'Not Found');
    case 'method':
      return answer(405, 'Method Not Allowed', { allow: problem.allow });
    case 'unexpected':
      return unexpected(route?.operation);
  }
};

function unexpected(operation: string | undefined): Answer {
  return answer(PLAIN_STATUS.unexpected, UNEXPECTED[operation ?? ''] ?? 'Internal server error');
}
