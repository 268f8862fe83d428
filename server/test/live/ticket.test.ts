import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { tokenDigest } from '../../src/kernel/token.ts';
import { createApiKey } from '../../src/operations/api-key/create.ts';
import { authenticateBearer } from '../../src/operations/identity/authenticate.ts';
import { createTicket } from '../../src/operations/ticket/create.ts';
import { redeemTicket } from '../../src/operations/ticket/redeem.ts';
import { revokeApiKey } from '../../src/store/api-keys.ts';
import { purgeEndedSignIns } from '../../src/store/retention.ts';
import { revokeSession } from '../../src/store/sessions.ts';
import { setUserActive } from '../../src/store/users.ts';
import { ORIGIN, operationSuite } from '../operations/support/operation-suite.ts';

const suite = operationSuite();

async function ticketOf(caller: Caller): Promise<string> {
  const created = await createTicket.invoke(suite.context, { caller, origin: ORIGIN, input: undefined });
  expect(created.expiresInSeconds).toBe(30);
  return created.ticket;
}

const redeem = (ticket: string) => redeemTicket(suite.context, ticket);

async function withKey(scopes: readonly Scope[] | null = null, expiresAt: Date | null = null) {
  const caller = await suite.newCaller();
  const input = { door: 'key' as const, name: 'for a test', expiresAt, scopes };
  const { token } = await createApiKey.invoke(suite.context, { caller, origin: ORIGIN, input });
  return authenticateBearer(suite.context, token);
}

async function withSession() {
  const { userId } = await suite.newCaller();
  const { secret } = await suite.startSession(userId, 'bearer');
  return authenticateBearer(suite.context, secret);
}

async function age(ticket: string): Promise<void> {
  const over = sql<Date>`now() - interval '1 millisecond'`;
  await suite.store
    .updateTable('tickets')
    .set({ expires_at: over })
    .where('digest', '=', tokenDigest(ticket))
    .execute();
}

describe('a ticket', () => {
  test('stands for whoever made it, with the same credential, and once', async () => {
    for (const caller of [await withKey(['database:read']), await withSession(), await suite.newCaller()]) {
      const ticket = await ticketOf(caller);
      expect(await redeem(ticket)).toEqual(caller);
      expect(await redeem(ticket)).toBeUndefined();
    }
  });

  test('is good once, however many ask at the same time', async () => {
    const ticket = await ticketOf(await withSession());
    const found = await Promise.all(Array.from({ length: 8 }, () => redeem(ticket)));
    expect(found.filter((caller) => caller !== undefined)).toHaveLength(1);
  });

  test('is stored as its digest only, for 30 s', async () => {
    const ticket = await ticketOf(await withSession());
    const rows = await suite.store
      .selectFrom('tickets')
      .select(['digest', sql<number>`extract(epoch from expires_at - now())::float8`.as('left')])
      .execute();
    const row = rows.find(({ digest }) => digest.equals(tokenDigest(ticket)));
    expect(row?.left).toBeGreaterThan(25);
    expect(row?.left).toBeLessThanOrEqual(30);
    expect(JSON.stringify(rows)).not.toContain(ticket);
  });

  test('that nobody made, or that is over, is none', async () => {
    expect(await redeem('swordfish')).toBeUndefined();
    const ticket = await ticketOf(await withSession());
    await age(ticket);
    expect(await redeem(ticket)).toBeUndefined();
  });

  test('that is over is removed with time', async () => {
    const [old, fresh] = [await ticketOf(await withSession()), await ticketOf(await withSession())];
    await age(old);
    await purgeEndedSignIns(suite.store);
    const digests = (await suite.store.selectFrom('tickets').select('digest').execute()).map(({ digest }) =>
      digest.toString('hex'),
    );
    expect(digests).toContain(tokenDigest(fresh).toString('hex'));
    expect(digests).not.toContain(tokenDigest(old).toString('hex'));
  });

  test('ends with the credential that made it', async () => {
    const [key, session, person] = [await withKey(), await withSession(), await withSession()];
    const brief = await withKey(null, new Date(Date.now() + 200));
    const tickets = await Promise.all([key, session, person, brief].map(ticketOf));
    await revokeApiKey(suite.store, key.keyId as number);
    await revokeSession(suite.store, session.sessionId as string);
    await setUserActive(suite.store, person.userId, false);
    await expect.poll(() => authenticatesNow(brief)).toBe(false);
    expect(await Promise.all(tickets.map(redeem))).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('cannot be made by a key that may not read databases', async () => {
    const caller = await withKey(['account:read']);
    await expect(ticketOf(caller)).rejects.toMatchObject({ code: 'forbidden.scope' });
  });
});

async function authenticatesNow({ keyId }: Caller): Promise<boolean> {
  const key = await suite.store
    .selectFrom('api_keys')
    .select('expires_at')
    .where('id', '=', keyId as number)
    .executeTakeFirstOrThrow();
  return (key.expires_at?.getTime() ?? 0) > Date.now();
}
