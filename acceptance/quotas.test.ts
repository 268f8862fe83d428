/** Limits per owner and per database, and what is left when there is nothing to provision on: pgweb 4.7. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { freePort, useProduct } from './support/product.ts';
import { createDatabase, createPgUser, softDelete } from './support/resources.ts';
import type { ErrorBody } from './support/wire.ts';

describe('with two databases an owner and two users a database', () => {
  const product = useProduct({
    env: { PGWEB_MAX_DATABASES_PER_OWNER: '2', PGWEB_MAX_USERS_PER_DATABASE: '2' },
  });
  const quotaReached = { status: 403, body: { error: 'Database quota reached (2 of 2)' } };

  test('the third database is refused, a taken name first', async () => {
    const owner = await createPerson(product(), 'owner');
    const { pg_database_name } = await createDatabase(owner.api);
    await createDatabase(owner.api);
    const third = await owner.api.post('/api/databases', { name: uniqueName('shop') });
    expect(third).toMatchObject(quotaReached);
    const taken = await owner.api.post('/api/databases', { name: pg_database_name });
    expect(taken.status).toBe(409);
  });

  test('a soft-deleted database makes room, and coming back needs it', async () => {
    const owner = await createPerson(product(), 'owner');
    const { database_id } = await createDatabase(owner.api);
    await createDatabase(owner.api);
    await softDelete(owner.api, database_id);
    await createDatabase(owner.api);
    expect(await owner.api.post(`/api/databases/${database_id}/undelete`)).toMatchObject(quotaReached);
  });

  test('parallel requests do not get past the limit', async () => {
    const owner = await createPerson(product(), 'owner');
    const names = Array.from({ length: 8 }, () => uniqueName('shop'));
    const answers = await Promise.all(names.map((name) => owner.api.post('/api/databases', { name })));
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([201, 201, 403, 403, 403, 403, 403, 403]);
  });

  test('the third user of a database is refused, a taken name first', async () => {
    const owner = await createPerson(product(), 'owner');
    const { database_id } = await createDatabase(owner.api);
    const { pg_username } = await createPgUser(owner.api, database_id, 'read');
    await createPgUser(owner.api, database_id, 'write');
    const path = `/api/databases/${database_id}/pgusers`;
    expect(await owner.api.post(path, { username: 'third', permission_level: 'read' })).toMatchObject({
      status: 403,
      body: { error: 'PostgreSQL user quota reached (2 of 2)' },
    });
    const taken = await owner.api.post(path, { username: pg_username, permission_level: 'read' });
    expect(taken.status).toBe(409);
  });

  test('administrators have no limit', async () => {
    const admin = await theAdmin(product());
    const databases = [];
    for (let n = 0; n < 3; n += 1) databases.push(await createDatabase(admin.api));
    const id = databases[0]?.database_id ?? '';
    for (let n = 0; n < 3; n += 1) await createPgUser(admin.api, id, 'read');
  });
});

describe('without a usable managed cluster', async () => {
  const nowhere = await freePort();
  const product = useProduct({
    env: { PG_ADMIN_DSN: `postgresql://admin:Secret-Of-The-Dsn@127.0.0.1:${nowhere}/postgres` },
    upWhen: '/healthz',
  });
  let owner: Person;

  beforeAll(async () => {
    owner = await createPerson(product(), 'owner');
  });

  test('creating answers 503 with what to set, and reads still work', async () => {
    const { status, body } = await owner.api.post<ErrorBody>('/api/databases', { name: uniqueName('shop') });
    expect(status).toBe(503);
    expect(body.error).toMatch(/^Database provisioning is not configured: .*PG_ADMIN_DSN/);
    expect(body.error).not.toContain('Secret-Of-The-Dsn');
    const list = await owner.api.get('/api/databases');
    expect({ status: list.status, body: list.body }).toEqual({ status: 200, body: [] });
    expect((await owner.api.get('/api/v1/auth/me')).status).toBe(200);
  });
});
