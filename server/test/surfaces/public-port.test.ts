import { describe, expect, test } from 'vitest';
import { buildPublicPort } from '../../src/surfaces/public-port.ts';
import { newName } from '../store/support/store-suite.ts';
import { portSuite, WEB } from './support/port-suite.ts';

const suite = portSuite();

describe('answers', () => {
  test('from the first call to the last, a database and its user on the wire', async () => {
    const caller = await suite.operations.newCaller({ email: 'ada@example.org' });
    const authorization = await suite.bearerOf(caller);
    const name = newName('shop');
    const created = await suite.send({
      method: 'POST',
      url: '/api/databases',
      authorization,
      payload: { name },
    });
    expect(created.statusCode).toBe(201);
    const database = created.json();
    expect(database).toMatchObject({
      pg_database_name: name,
      status: 'active',
      owner_email: 'ada@example.org',
      owner_user_id: caller.userUuid,
    });
    const url = `/databases/${database.database_id}`;
    const payload = { username: 'ada', permission_level: 'write' };
    const user = await suite.send({ method: 'POST', url: `${url}/users`, authorization, payload });
    expect([user.statusCode, user.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(user.json().connection.uri).toContain(user.json().password);
    const users = await suite.send({ url: `${url}/pgusers`, authorization });
    expect(users.body).not.toContain(user.json().password);
    expect(users.json()).toMatchObject([{ pg_username: 'ada', status: 'active' }]);
    const removed = await suite.send({
      method: 'DELETE',
      url: `${url}/pgusers/${user.json().pg_user_id}`,
      authorization,
    });
    expect([removed.statusCode, removed.body]).toEqual([204, '']);
    expect((await suite.send({ url: `/api${url}/users`, authorization })).json()).toEqual([]);
    const deleted = await suite.send({ method: 'DELETE', url, authorization });
    expect(deleted.json()).toMatchObject({
      message: 'Database soft-deleted successfully',
      database: { status: 'soft_deleted' },
    });
    expect((await suite.send({ url, authorization })).json()).toMatchObject({ status: 'soft_deleted' });
  });

  test('a list that is asked for in pages says how many there are', async () => {
    const authorization = await suite.bearerOf(await suite.operations.newCaller());
    for (let i = 0; i < 2; i++) {
      await suite.send({
        method: 'POST',
        url: '/databases',
        authorization,
        payload: { name: newName('shop') },
      });
    }
    const page = await suite.send({ url: '/databases?limit=1', authorization });
    expect([page.json().length, page.headers['x-total-count']]).toEqual([1, '2']);
    const all = await suite.send({ url: '/databases', authorization });
    expect([all.json().length, all.headers['x-total-count']]).toEqual([2, undefined]);
  });

  test('what is remembered of a read is never older than the last change', async () => {
    const [owner, admin] = [
      await suite.operations.newCaller(),
      await suite.operations.newCaller({ isAdmin: true }),
    ];
    const [mine, theirs] = [await suite.bearerOf(owner), await suite.bearerOf(admin)];
    const names = async (authorization: string) => {
      const list = await suite.send({ url: '/databases?scope=all', authorization });
      return list.json().map((database: { pg_database_name: string }) => database.pg_database_name);
    };
    const name = newName('shop');
    expect([(await names(mine)).includes(name), (await names(theirs)).includes(name)]).toEqual([
      false,
      false,
    ]);
    await suite.send({ method: 'POST', url: '/databases', authorization: mine, payload: { name } });
    expect((await names(mine)).includes(name)).toBe(true);
    await expect.poll(async () => (await names(theirs)).includes(name)).toBe(true);
    // An administrator's change shows in the owner's next read.
    const [database] = (await suite.send({ url: '/databases', authorization: mine })).json();
    await suite.send({ method: 'DELETE', url: `/databases/${database.database_id}`, authorization: theirs });
    const [after] = (await suite.send({ url: '/databases', authorization: mine })).json();
    expect(after.status).toBe('soft_deleted');
  });

  test('health says what it found, and a stopping process is not ready', async () => {
    expect((await suite.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await suite.app.inject('/health')).json()).toMatchObject({
      status: 'healthy',
      service: 'orchestrator-api',
    });
    const ready = await suite.app.inject('/health/ready');
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      { status: 'ready', database: 'healthy', redis: 'not_configured' },
    ]);
    const stopping = await buildPublicPort({ ...suite.operations.context, isStopping: () => true }, WEB);
    const answer = await stopping.inject('/health/ready');
    expect([answer.statusCode, answer.json().status]).toEqual([503, 'not_ready']);
    await stopping.close();
  });

  test('the root answers programs with an index and browsers with the documents', async () => {
    expect((await suite.app.inject('/')).json()).toMatchObject({
      name: 'Backyard',
      api: '/api/v1',
      docs: '/docs',
    });
    const browser = await suite.app.inject({ url: '/', headers: { accept: 'text/html' } });
    expect([browser.statusCode, browser.headers.location]).toEqual([302, '/docs/']);
    const page = await suite.app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(?:src|href)="https?:/);
  });
});
