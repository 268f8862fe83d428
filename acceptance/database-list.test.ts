/** The list of databases, the order of checks, and what is no route: pgweb contract, sections 2, 3 and 6. */
import { beforeAll, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import {
  createDatabase,
  createPgUser,
  getDatabase,
  purged,
  softDelete,
  unknownId,
} from './support/resources.ts';
import type { AuditEntry, Database, DatabaseMessage, ErrorBody } from './support/wire.ts';

const product = useProduct({ env: { BACKYARD_RECONCILE_INTERVAL: '1' } });
let alice: Person;
let bob: Person;
let admin: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  bob = await createPerson(product(), 'bob');
  admin = await theAdmin(product());
});

async function list(person: Person, query = ''): Promise<{ names: string[]; total: string | undefined }> {
  const { status, body, headers } = await person.api.get<readonly Database[]>(`/api/databases${query}`);
  expect(status).toBe(200);
  const total = headers['x-total-count'];
  return {
    names: body.map((database) => database.pg_database_name),
    total: typeof total === 'string' ? total : undefined,
  };
}

test('the list is empty, then own databases newest first, soft-deleted included', async () => {
  const carol = await createPerson(product(), 'carol');
  for (const prefix of ['/api/databases', '/databases']) {
    const { status, body } = await carol.api.get(prefix);
    expect({ status, body }).toEqual({ status: 200, body: [] });
  }
  const made: Database[] = [];
  for (let n = 0; n < 3; n += 1) made.push(await createDatabase(carol.api));
  await createDatabase(bob.api);
  const middle = await softDelete(carol.api, made[1]?.database_id ?? '');
  const { body } = await carol.api.get('/databases');
  expect(body).toEqual([made[2], middle, made[0]]);
});

test('pages carry the total', async () => {
  const dave = await createPerson(product(), 'dave');
  const names: string[] = [];
  for (let n = 0; n < 3; n += 1) names.unshift((await createDatabase(dave.api)).pg_database_name);
  expect(await list(dave, '?limit=2')).toEqual({ names: names.slice(0, 2), total: '3' });
  expect(await list(dave, '?limit=2&offset=2')).toEqual({ names: names.slice(2), total: '3' });
  expect(await list(dave, '?offset=1')).toEqual({ names: names.slice(1), total: '3' });
  expect(await list(dave, '?limit=500&offset=3')).toEqual({ names: [], total: '3' });
  expect((await list(dave, '?page=2')).names).toEqual(names);
});

test.each(['limit=0', 'limit=501', 'limit=abc', 'limit=-1', 'limit=1.5', 'offset=-1', 'offset=x', 'limit='])(
  '?%s is refused',
  async (query) => {
    const { status, body } = await alice.api.get<ErrorBody>(`/api/databases?${query}`);
    expect(status).toBe(400);
    expect(body).toEqual({ error: expect.any(String) });
  },
);

test('an administrator lists own databases, and all with scope=all; nobody else does', async () => {
  const foreign = (await createDatabase(alice.api)).pg_database_name;
  const own = (await createDatabase(admin.api)).pg_database_name;
  const mine = await list(admin);
  expect(mine.names).toContain(own);
  expect(mine.names).not.toContain(foreign);
  expect((await list(admin, '?scope=all')).names).toEqual(expect.arrayContaining([own, foreign]));
  const curious = await bob.api.get('/api/databases?scope=all');
  expect(curious.status).toBeLessThan(500);
  expect(curious.text).not.toContain(foreign);
});

test('credential, then path, then body, then fields, then lookup', async () => {
  const nobody = api(product().url);
  const json = { 'content-type': 'application/json' };
  const unauthorized = { status: 401, error: 'Unauthorized. Please log in.' };
  const cases: readonly [string, string, string, typeof unauthorized, ReturnType<typeof api>?][] = [
    ['POST', '/api/databases', '{broken', unauthorized, nobody],
    ['POST', '/databases/7/pgusers', '{broken', unauthorized, nobody],
    ['POST', '/databases/7/pgusers', '{broken', { status: 400, error: 'Invalid database ID format' }],
    [
      'POST',
      `/databases/${unknownId()}/pgusers`,
      '{broken',
      { status: 400, error: 'Invalid request payload: malformed JSON' },
    ],
    [
      'POST',
      `/databases/${unknownId()}/pgusers`,
      '{"username": "1x", "permission_level": "root"}',
      { status: 400, error: 'Invalid request payload: permission_level must be one of read, write' },
    ],
    [
      'POST',
      `/databases/${unknownId()}/pgusers`,
      '{"username": "1x", "permission_level": "read"}',
      {
        status: 400,
        error:
          "Invalid PostgreSQL username. Must be 3-63 chars, lowercase alphanumeric, underscores, start with letter, no 'pg_' prefix.",
      },
    ],
    [
      'POST',
      `/databases/${unknownId()}/pgusers`,
      '{"username": "jane", "permission_level": "read"}',
      { status: 404, error: 'Managed database not found or not owned by user' },
    ],
  ];
  for (const [method, path, raw, { status, error }, caller = alice.api] of cases) {
    const answer = await caller.send({ method, path, raw, headers: json });
    expect({ path, raw, status: answer.status, body: answer.body }).toEqual({
      path,
      raw,
      status,
      body: { error },
    });
  }
});

test('state comes before uniqueness', async () => {
  const { database_id } = await createDatabase(alice.api);
  const { pg_username } = await createPgUser(alice.api, database_id, 'read');
  await softDelete(alice.api, database_id);
  const { status, body } = await alice.api.post(`/databases/${database_id}/pgusers`, {
    username: pg_username,
    permission_level: 'read',
  });
  expect({ status, body }).toEqual({
    status: 409,
    body: { error: 'Database is not in active state (current state: soft_deleted)' },
  });
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
])('a body of type %s is refused', async (type) => {
  const { database_id } = await createDatabase(alice.api);
  for (const path of ['/api/databases', `/databases/${database_id}/pgusers`]) {
    const { status, body } = await alice.api.send({
      method: 'POST',
      path,
      raw: '{"name": "shop"}',
      headers: { 'content-type': type },
    });
    expect({ status, body }).toEqual({
      status: 415,
      body: { error: 'Content-Type must be application/json' },
    });
  }
});

test('a body over 1 MiB is refused, announced or not', async () => {
  const raw = JSON.stringify({ name: uniqueName('shop'), filler: 'x'.repeat(2 * 1024 * 1024) });
  for (const length of [{ 'content-length': String(raw.length) }, { 'transfer-encoding': 'chunked' }]) {
    const { status, body } = await alice.api.send({
      method: 'POST',
      path: '/api/databases',
      raw,
      headers: { 'content-type': 'application/json', ...length },
    });
    expect({ status, body }).toEqual({ status: 413, body: { error: 'Request body too large' } });
  }
});

test('a DELETE that announces JSON and sends none is as good as any', async () => {
  const { database_id } = await createDatabase(alice.api);
  const { status } = await alice.api.send({
    method: 'DELETE',
    path: `/api/databases/${database_id}`,
    headers: { 'content-type': 'application/json' },
  });
  expect(status).toBe(200);
});

test.each(['/api/databases/x/y/z', '/databases/x/y/z', `/api/databases/${unknownId()}/nope`, '/auth/nope'])(
  '%s is no route, for programs and for browsers',
  async (path) => {
    for (const accept of ['application/json', 'text/html,application/xhtml+xml']) {
      const { status, body } = await alice.api.send({ method: 'GET', path, headers: { accept } });
      expect({ status, body }).toEqual({ status: 404, body: { error: 'Not Found' } });
    }
  },
);

test.each([
  ['PUT', '/api/databases', ['GET', 'POST']],
  ['DELETE', '/databases', ['GET', 'POST']],
  ['PATCH', `/api/databases/${unknownId()}`, ['GET', 'DELETE']],
  ['GET', `/databases/${unknownId()}/undelete`, ['POST']],
  ['PUT', `/databases/${unknownId()}/pgusers`, ['GET', 'POST']],
  ['GET', `/api/databases/${unknownId()}/pgusers/${unknownId()}/regenerate-password`, ['POST']],
  ['POST', '/auth/me', ['GET']],
])('%s %s is no method here', async (method, path, allowed) => {
  const { status, body, headers } = await alice.api.send({ method, path });
  expect({ status, body }).toEqual({ status: 405, body: { error: 'Method Not Allowed' } });
  const listed = (headers.allow ?? '').split(',').map((name) => name.trim());
  expect(listed).toEqual(expect.arrayContaining(allowed));
  expect(listed).not.toContain(method);
});

test('a purge asked for needs the name and a soft-deleted database', async () => {
  const { database_id, pg_database_name } = await createDatabase(alice.api);
  const path = `/api/databases/${database_id}/purge`;
  const early = await alice.api.post(path, { confirm: pg_database_name });
  expect(early.status).toBe(409);
  await softDelete(alice.api, database_id);
  expect(await alice.api.post(path, {})).toMatchObject({
    status: 400,
    body: { error: 'Invalid request payload: confirm is required' },
  });
  expect((await alice.api.post(path, { confirm: 'another' })).status).toBe(400);
  expect((await getDatabase(alice.api, database_id)).status).toBe('soft_deleted');
  const accepted = await alice.api.post<DatabaseMessage>(path, { confirm: pg_database_name });
  expect(accepted.status).toBe(202);
  expect(accepted.body.message).toBe('Database purge scheduled');
  await purged(alice.api, database_id);
  await createDatabase(alice.api, pg_database_name);
});

test('every change leaves one audit entry that the owner can read', async () => {
  const { database_id } = await createDatabase(alice.api);
  const base = `/api/databases/${database_id}`;
  const user = await createPgUser(alice.api, database_id, 'read');
  const rotated = await alice.api.post(`${base}/pgusers/${user.pg_user_id}/regenerate-password`);
  await alice.api.delete(`${base}/pgusers/${user.pg_user_id}`);
  await alice.api.delete(base);
  await alice.api.post(`${base}/undelete`);
  const { body } = await alice.api.get<readonly AuditEntry[]>(`${base}/audit`);
  const changes = [
    'database.undelete',
    'database.delete',
    'pg-user.delete',
    'pg-user.rotate-password',
    'pg-user.create',
    'database.create',
  ];
  expect(body.map((entry) => entry.action).filter((action) => changes.includes(action))).toEqual(changes);
  expect(new Set(body.map((entry) => entry.actor))).toContain(alice.username);
  const rotation = body.find((entry) => entry.action === 'pg-user.rotate-password');
  expect(rotation?.request_id).toBe(rotated.headers['x-request-id']);
});

test('usage shows size and connections', async () => {
  const { database_id } = await createDatabase(alice.api);
  const { status, body } = await alice.api.get(`/api/databases/${database_id}/usage`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    database_id,
    size_bytes: expect.any(Number),
    connections: expect.any(Number),
  });
});
