/** Databases and their users, made through the API. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Api } from './api.ts';
import { uniqueName } from './people.ts';
import { until } from './until.ts';
import type { CreatedPgUser, Database, DatabaseMessage, PgUser, Rotated } from './wire.ts';

/** An id that nothing has. */
export function unknownId(): string {
  return randomUUID();
}

export async function createDatabase(caller: Api, name = uniqueName('shop')): Promise<Database> {
  const answer = await caller.post<Database>('/api/databases', { name });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

export async function getDatabase(caller: Api, id: string): Promise<Database> {
  const answer = await caller.get<Database>(`/api/databases/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

export async function softDelete(caller: Api, id: string): Promise<Database> {
  const answer = await caller.delete<DatabaseMessage>(`/api/databases/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.database;
}

/** Waits until the database is nowhere to be found, as after a purge. */
export async function purged(caller: Api, id: string, timeoutMs = 15_000): Promise<void> {
  await until(async () => (await caller.get(`/api/databases/${id}`)).status === 404, {
    what: `database ${id} is purged`,
    timeoutMs,
  });
}

export async function createPgUser(
  caller: Api,
  databaseId: string,
  level: PgUser['permission_level'],
  username = uniqueName(level === 'read' ? 'reader_' : 'writer_'),
): Promise<CreatedPgUser> {
  const body = { username, permission_level: level };
  const answer = await caller.post<CreatedPgUser>(`/api/databases/${databaseId}/pgusers`, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

export async function listPgUsers(caller: Api, databaseId: string): Promise<readonly PgUser[]> {
  const answer = await caller.get<readonly PgUser[]>(`/api/databases/${databaseId}/pgusers`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

export async function rotate(caller: Api, user: PgUser, body?: unknown): Promise<Rotated> {
  const path = `/api/databases/${user.managed_database_id}/pgusers/${user.pg_user_id}/regenerate-password`;
  const answer = await caller.post<Rotated>(path, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}
