import { pgweb } from '@backyard/contracts/pgweb';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../kernel/fault.ts';
import type { FieldFault } from '../kit/field-fault.ts';
import { presentProblem } from './problems.ts';

function textOf(fields: Partial<FieldFault>): unknown {
  const field: FieldFault = { part: 'body', field: 'name', rule: 'type', limit: null, value: 7, ...fields };
  return presentProblem({ kind: 'fields', fields: [field] }, undefined);
}

function routeOf(operation: string) {
  return pgweb.routes.find((route) => route.operation === operation);
}

describe('the words of the pgweb contract', () => {
  test.each([
    [{ field: null, value: [] }, 'body must be an object'],
    [{ rule: 'required' }, 'name is required'],
    [{ value: null }, 'name is required'],
    [{ rule: 'minLength', value: '' }, 'name is required'],
    [{ value: 7 }, 'name must be a string'],
    [{ field: 'username', value: {} }, 'username must be a string'],
    [{ field: 'confirm', value: false }, 'confirm must be a string'],
    [
      { field: 'permission_level', rule: 'anyOf', value: 'admin' },
      'permission_level must be one of read, write',
    ],
    [{ field: 'permission_level', rule: 'anyOf', value: '' }, 'permission_level is required'],
    [{ field: 'permission_level', rule: 'anyOf', value: null }, 'permission_level is required'],
    [{ field: 'permission_level', rule: 'anyOf', value: 7 }, 'permission_level must be a string'],
    [{ field: 'terminate_sessions', value: 'yes' }, 'terminate_sessions must be a boolean'],
  ])('a body with %j', (fields, ending) => {
    expect(textOf(fields)).toEqual({ status: 400, body: { error: `Invalid request payload: ${ending}` } });
  });

  test('ids of a path and parameters of a query', () => {
    const error = (fields: Partial<FieldFault>) => (textOf(fields) as { body: { error: string } }).body.error;
    expect(error({ part: 'params', field: 'database_id' })).toBe('Invalid database ID format');
    expect(error({ part: 'params', field: 'pg_user_id' })).toBe('Invalid PostgreSQL user ID format');
    expect(error({ part: 'query', field: 'limit' })).toBe('limit must be a whole number from 1 to 500');
    expect(error({ part: 'query', field: 'offset' })).toBe('offset must be a whole number from 0');
    expect(error({ part: 'query', field: 'scope' })).toBe('scope must be one of own, all');
  });

  test.each([
    ['unauthenticated', {}, 401, 'Unauthorized. Please log in.'],
    ['quota.reached', { what: 'Database', used: 3, limit: 3 }, 403, 'Database quota reached (3 of 3)'],
    ['database.not-found', {}, 404, 'Database not found or not owned by user'],
    [
      'database.name-taken',
      { name: 'shop' },
      409,
      "Database name 'shop' is already taken. Please choose a different name.",
    ],
    [
      'database.not-active',
      { phase: 'deleting' },
      409,
      'Database is not in active state (current state: deleting)',
    ],
    ['database.deleting', {}, 409, 'Database deletion is already in progress'],
    ['database.provisioning-failed', {}, 500, 'Failed to provision database'],
    ['pg-user.database-not-found', {}, 404, 'Managed database not found or not owned by user'],
    ['pg-user.not-found', {}, 404, 'PostgreSQL user not found or parent database not owned by user'],
    ['pg-user.other-database', {}, 400, 'PostgreSQL user does not belong to the specified database'],
    [
      'pg-user.not-active',
      { phase: 'deactivated_db_soft_deleted' },
      409,
      'PostgreSQL user is not in active state (current state: deactivated_db_soft_deleted)',
    ],
  ])('%s', (code, details, status, error) => {
    const problem = { kind: 'fault', fault: new Fault(code, 'inner text', details) } as const;
    expect(presentProblem(problem, undefined)).toMatchObject({ status, body: { error } });
  });

  test('what is missing is told with what to set', () => {
    const fault = new Fault('provisioning.not-configured', 'set PG_ADMIN_DSN');
    expect(presentProblem({ kind: 'fault', fault }, undefined)).toEqual({
      status: 503,
      body: { error: 'Database provisioning is not configured: set PG_ADMIN_DSN' },
    });
  });

  test.each([
    ['database.list', 'Failed to retrieve databases'],
    ['database.get', 'Failed to retrieve database'],
    ['database.delete', 'Failed to soft-delete database'],
    ['pg-user.list', 'Failed to retrieve PostgreSQL users'],
    ['pg-user.rotate-password', 'Failed to regenerate PostgreSQL user password'],
    ['database.audit', 'Internal server error'],
  ])('a mistake of ours at %s says no more than the contract does', (operation, error) => {
    const fault = new Fault('settlement.failed', 'secret inner text');
    const route = routeOf(operation);
    expect(route).toBeDefined();
    for (const problem of [{ kind: 'unexpected' }, { kind: 'fault', fault }] as const) {
      expect(presentProblem(problem, route)).toEqual({ status: 500, body: { error } });
    }
  });

  test('every status that it can answer is promised by some route', () => {
    const promised = new Set(pgweb.routes.flatMap((route) => Object.keys(route.responses)));
    for (const problem of [
      { kind: 'too-large' },
      { kind: 'media-type' },
      { kind: 'not-found' },
      { kind: 'unexpected' },
      { kind: 'malformed-json', offset: 0 },
    ] as const) {
      expect(promised).toContain(String(presentProblem(problem, undefined).status));
    }
  });
});
