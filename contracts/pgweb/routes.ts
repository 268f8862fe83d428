import { Type } from 'typebox';
import { defineContract, type Route } from '../route.ts';
import { errors } from '../scalars.ts';
import { backupRoutes } from './backups.ts';
import * as s from './schemas.ts';
import { signInRoutes } from './sign-in.ts';

/** Every data path exists with and without `/api`. */
function both(path: string): Pick<Route, 'path' | 'alsoAt'> {
  return { path: `/api/databases${path}`, alsoAt: [`/databases${path}`] };
}

/** `/users` is another name of `/pgusers`. */
function four(path: string): Pick<Route, 'path' | 'alsoAt'> {
  const twin = path.replace('/pgusers', '/users');
  return {
    path: `/api/databases${path}`,
    alsoAt: [`/databases${path}`, `/api/databases${twin}`, `/databases${twin}`],
  };
}

export const pgweb = defineContract({
  name: 'pgweb',
  title: 'Managed Postgres',
  prefixes: ['/api/databases', '/databases', '/auth', '/api/me'],
  routes: [
    ...signInRoutes,
    {
      operation: 'database.create',
      method: 'POST',
      ...both(''),
      access: 'user',
      summary: 'Create a database; answers when it can be used',
      body: s.CreateDatabaseBody,
      responses: {
        201: s.Database,
        ...errors([400, 401, 403, 409, 413, 415, 500, 503], s.ErrorBody),
      },
    },
    {
      operation: 'database.list',
      method: 'GET',
      ...both(''),
      access: 'user',
      summary: 'List own databases, newest first',
      query: s.ListQuery,
      responses: { 200: Type.Array(s.Database), ...errors([400, 401, 403, 500], s.ErrorBody) },
    },
    {
      operation: 'database.get',
      method: 'GET',
      ...both('/{database_id}'),
      access: 'owner',
      summary: 'Get one database',
      params: s.DatabaseParams,
      responses: { 200: s.Database, ...errors([400, 401, 403, 404, 500], s.ErrorBody) },
    },
    {
      operation: 'database.delete',
      method: 'DELETE',
      ...both('/{database_id}'),
      access: 'owner',
      summary: 'Close a database and keep its data until it is purged',
      params: s.DatabaseParams,
      responses: { 200: s.DatabaseMessage, ...errors([400, 401, 403, 404, 409, 500, 503], s.ErrorBody) },
    },
    {
      operation: 'database.undelete',
      method: 'POST',
      ...both('/{database_id}/undelete'),
      access: 'owner',
      summary: 'Open a soft-deleted database again',
      params: s.DatabaseParams,
      responses: {
        200: s.DatabaseMessage,
        ...errors([400, 401, 403, 404, 409, 500, 503], s.ErrorBody),
      },
    },
    {
      operation: 'database.purge',
      method: 'POST',
      ...both('/{database_id}/purge'),
      access: 'owner',
      summary: 'Drop a soft-deleted database now',
      params: s.DatabaseParams,
      body: s.PurgeBody,
      responses: {
        202: s.DatabaseMessage,
        ...errors([400, 401, 403, 404, 409, 413, 415, 500, 503], s.ErrorBody),
      },
    },
    {
      operation: 'database.usage',
      method: 'GET',
      ...both('/{database_id}/usage'),
      access: 'owner',
      summary: 'Size and connections as last observed',
      params: s.DatabaseParams,
      responses: { 200: s.Usage, ...errors([400, 401, 403, 404, 500], s.ErrorBody) },
    },
    {
      operation: 'database.audit',
      method: 'GET',
      ...both('/{database_id}/audit'),
      access: 'owner',
      summary: 'Who did what to this database and its users, newest first',
      params: s.DatabaseParams,
      responses: { 200: Type.Array(s.AuditEntry), ...errors([400, 401, 403, 404, 500], s.ErrorBody) },
    },
    {
      operation: 'pg-user.create',
      method: 'POST',
      ...four('/{database_id}/pgusers'),
      access: 'owner',
      summary: 'Create a login; its password is shown once',
      params: s.DatabaseParams,
      body: s.CreatePgUserBody,
      responses: {
        201: s.PgUserWithPassword,
        ...errors([400, 401, 403, 404, 409, 413, 415, 500, 503], s.ErrorBody),
      },
    },
    {
      operation: 'pg-user.list',
      method: 'GET',
      ...four('/{database_id}/pgusers'),
      access: 'owner',
      summary: 'List the logins of a database, newest first',
      params: s.DatabaseParams,
      responses: { 200: Type.Array(s.PgUser), ...errors([400, 401, 403, 404, 500], s.ErrorBody) },
    },
    {
      operation: 'pg-user.rotate-password',
      method: 'POST',
      ...four('/{database_id}/pgusers/{pg_user_id}/regenerate-password'),
      access: 'owner',
      summary: 'Replace the password of a login; the new one is shown once',
      params: s.PgUserParams,
      body: s.RegenerateBody,
      responses: {
        200: Type.Object({ new_password: Type.String(), connection: s.ConnectionWithPassword }),
        ...errors([400, 401, 403, 404, 409, 413, 415, 500, 503], s.ErrorBody),
      },
    },
    {
      operation: 'pg-user.delete',
      method: 'DELETE',
      ...four('/{database_id}/pgusers/{pg_user_id}'),
      access: 'owner',
      summary: 'Remove a login; what it made stays',
      params: s.PgUserParams,
      responses: { 204: Type.Null(), ...errors([400, 401, 403, 404, 409, 500, 503], s.ErrorBody) },
    },
    ...backupRoutes,
  ],
});
