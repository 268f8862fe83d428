/** Open sockets on two replicas: both tell everything, and what ends in one ends in the other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianPostgres, debianPostgres } from './support/debian-postgres.ts';
import { createKey, createPerson, theAdmin } from './support/people.ts';
import { type Replicas, startReplicas } from './support/replicas.ts';
import { createDatabase } from './support/resources.ts';
import { browserSession, EVENTS, type LiveClient, listen, ticketOf, useSockets } from './support/socket.ts';

const open = useSockets();
const INVALID = { code: 4001, reason: 'Invalid or expired token' };
const REVOKED = { code: 4001, reason: 'Credential revoked' };
const DISABLED = { code: 4001, reason: 'User account is disabled' };
const postgres = debianPostgres();

describe.skipIf(postgres === undefined)('two replicas', () => {
  let replicas: Replicas;
  beforeAll(async () => {
    replicas = await startReplicas(postgres as DebianPostgres);
  });
  afterAll(() => replicas?.dispose());

  /** Sockets on both, by the same token. */
  function onBoth(token: string): Promise<LiveClient[]> {
    return Promise.all([replicas.first, replicas.second].map((product) => listen(open, product, token)));
  }

  async function expectEnded(clients: readonly LiveClient[], closed: object): Promise<void> {
    for (const client of clients) expect(await client.ended()).toEqual(closed);
  }

  test('both tell what happens in one', async () => {
    const person = await createPerson(replicas.first);
    const clients = await onBoth(person.jwt);
    const { database_id } = await createDatabase(person.api);
    for (const client of clients) {
      expect(await client.eventsOf(database_id, 2)).toEqual(['database.create', 'database.settled']);
    }
  });

  test('a key that is revoked in one closes its sockets in both, and no other', async () => {
    const person = await createPerson(replicas.first);
    const { id, key } = await createKey(person.api);
    const [clients, others] = [await onBoth(key), await onBoth(person.jwt)];
    await person.api.delete(`/api/v1/auth/api-keys/${id}`);
    await expectEnded(clients, REVOKED);
    await createDatabase(person.api);
    for (const client of others) await expect.poll(() => client.events.length).toBeGreaterThan(0);
    expect(others.map(({ closed }) => closed)).toEqual([undefined, undefined]);
  });

  test('so do a session that is ended, and a person who is deactivated', async () => {
    const person = await createPerson(replicas.first);
    const { cookie, send } = await browserSession(replicas.first, person);
    const byCookie = [replicas.first, replicas.second].map((product) =>
      open(product, { headers: { cookie, origin: product.url } }),
    );
    for (const client of byCookie) await client.greeted();
    expect((await send('DELETE', '/api/v1/auth/sessions/current')).status).toBe(200);
    await expectEnded(byCookie, REVOKED);
    const byJwt = await onBoth(person.jwt);
    const admin = await theAdmin(replicas.second);
    expect((await admin.api.delete(`/api/v1/users/${person.id}`)).status).toBe(200);
    await expectEnded(byJwt, DISABLED);
  });

  test('a ticket of one opens a socket of the other, and only one of all', async () => {
    const person = await createPerson(replicas.first);
    const path = `${EVENTS}?ticket=${await ticketOf(person.api)}`;
    await open(replicas.second, { path }).greeted();
    expect(await open(replicas.first, { path }).ended()).toEqual(INVALID);
  });
});
