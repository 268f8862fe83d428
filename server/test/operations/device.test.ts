import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { tokenDigest } from '../../src/kernel/token.ts';
import { createApiKey } from '../../src/operations/api-key/create.ts';
import { type DecideDeviceInput, decideDeviceRequest } from '../../src/operations/device/decide.ts';
import { findDeviceRequest } from '../../src/operations/device/find.ts';
import { pollDeviceRequest } from '../../src/operations/device/poll.ts';
import { startDeviceRequest } from '../../src/operations/device/start.ts';
import { authenticateBearer } from '../../src/operations/identity/authenticate.ts';
import { insertDeviceRequest } from '../../src/store/device-requests.ts';
import { isUniqueViolation } from '../../src/store/postgres-error.ts';
import { revokeSessionsOf } from '../../src/store/sessions.ts';
import { setUserActive, setUserPassword } from '../../src/store/users.ts';
import { rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();
const PROGRAM = { requestId: 'a-poll', address: '198.51.100.4', userAgent: 'backyard-cli/1' };

function start(client?: string) {
  return startDeviceRequest(suite.context, PROGRAM, { client });
}

function find(caller: Caller, userCode: string) {
  return findDeviceRequest.invoke(suite.context, { caller, origin: ORIGIN, input: { userCode } });
}

function decide(caller: Caller, userCode: string, decision: DecideDeviceInput['decision'] = 'approve') {
  return decideDeviceRequest.invoke(suite.context, { caller, origin: ORIGIN, input: { userCode, decision } });
}

function poll(deviceCode: string) {
  return pollDeviceRequest(suite.context, PROGRAM, { deviceCode });
}

async function stateOf(deviceCode: string): Promise<string> {
  return (await poll(deviceCode)).state;
}

/** Moves everything that happened to the request into the past. */
async function age(deviceCode: string, seconds: number): Promise<void> {
  const past = sql`${seconds} * interval '1 second'`;
  await sql`
    update device_requests set polled_at = polled_at - ${past}, expires_at = expires_at - ${past}
    where device_digest = ${tokenDigest(deviceCode)}`.execute(suite.store);
}

describe('a request of a program', () => {
  test('becomes one session of the person who approved it', async () => {
    const caller = await suite.newCaller();
    const { deviceCode, userCode } = await start('backyard on a laptop');
    expect(userCode).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
    expect(Buffer.from(deviceCode, 'base64url')).toHaveLength(32);
    expect(await stateOf(deviceCode)).toBe('pending');
    const found = await find(caller, userCode.toLowerCase().replace('-', ' '));
    expect(found).toMatchObject({ userCode, client: 'backyard on a laptop', address: PROGRAM.address });
    expect(found?.ageMs).toBeLessThan(60_000);
    expect(await decide(caller, userCode)).toEqual({ client: 'backyard on a laptop' });
    // Approved: a program that asks early gets its session all the same.
    const outcome = await poll(deviceCode);
    if (outcome.state !== 'approved') throw new Error(`the request is ${outcome.state}`);
    expect(outcome.session).toMatchObject({ carrier: 'bearer', expiresInSeconds: 86_400 });
    const session = await authenticateBearer(suite.context, outcome.session.secret);
    expect(session).toMatchObject({ userId: caller.userId, keyId: null, isAmbient: false });
    const [row] = await rowsOf(
      suite.store,
      sql`select method, address, user_agent from sessions where id = ${outcome.session.sessionId}`,
    );
    expect(row).toEqual({ method: 'device', address: PROGRAM.address, user_agent: PROGRAM.userAgent });
    expect(await stateOf(deviceCode)).toBe('gone');
    expect(await codesOf([decide(caller, userCode)])).toEqual(['device.not-found']);
  });

  test('that is asked for by many polls at once yields one session', async () => {
    const caller = await suite.newCaller();
    const { deviceCode, userCode } = await start();
    await decide(caller, userCode);
    const states = await Promise.all(Array.from({ length: 8 }, () => stateOf(deviceCode)));
    expect(states.sort()).toEqual(['approved', ...Array<string>(7).fill('gone')]);
    const sessions = sql`select id from sessions where user_id = ${caller.userId}`;
    expect(await rowsOf(suite.store, sessions)).toHaveLength(1);
  });

  test('is decided once', async () => {
    const callers = await Promise.all(Array.from({ length: 4 }, () => suite.newCaller()));
    const { deviceCode, userCode } = await start();
    const codes = await codesOf(callers.map((caller) => decide(caller, userCode)));
    expect(codes.sort()).toEqual(['device.not-found', 'device.not-found', 'device.not-found', 'done']);
    expect(await stateOf(deviceCode)).toBe('approved');
  });

  test('that is denied stays so until it is over', async () => {
    const caller = await suite.newCaller();
    const { deviceCode, userCode } = await start();
    await decide(caller, userCode, 'deny');
    expect([await stateOf(deviceCode), await stateOf(deviceCode)]).toEqual(['denied', 'denied']);
    expect(await find(caller, userCode)).toBeUndefined();
    expect(await codesOf([decide(caller, userCode)])).toEqual(['device.not-found']);
    await age(deviceCode, 601);
    expect(await stateOf(deviceCode)).toBe('gone');
  });

  test('is over after ten minutes, approved or not', async () => {
    const caller = await suite.newCaller();
    const [waiting, approved] = [await start(), await start()];
    await decide(caller, approved.userCode);
    for (const { deviceCode } of [waiting, approved]) await age(deviceCode, 595);
    expect((await find(caller, waiting.userCode))?.ageMs).toBeGreaterThan(594_000);
    for (const { deviceCode } of [waiting, approved]) await age(deviceCode, 6);
    expect([await stateOf(waiting.deviceCode), await stateOf(approved.deviceCode)]).toEqual(['gone', 'gone']);
    expect(await find(caller, waiting.userCode)).toBeUndefined();
    expect(await codesOf([decide(caller, waiting.userCode)])).toEqual(['device.not-found']);
  });

  test('is asked about every two seconds, not faster', async () => {
    const { deviceCode } = await start();
    expect([await stateOf(deviceCode), await stateOf(deviceCode)]).toEqual(['pending', 'early']);
    await age(deviceCode, 1);
    expect(await stateOf(deviceCode)).toBe('early');
    await age(deviceCode, 2);
    expect(await stateOf(deviceCode)).toBe('pending');
  });

  test('and a reset of the password at the same moment: no session is left over', async () => {
    for (let round = 0; round < 10; round++) {
      const caller = await suite.newCaller();
      const { deviceCode, userCode } = await start();
      await decide(caller, userCode);
      const reset = suite.store.transaction().execute(async (db) => {
        await setUserPassword(db, caller.userId, 'a hash');
        await revokeSessionsOf(db, caller.userId);
      });
      await Promise.all([stateOf(deviceCode), reset]);
      const live = sql`select id from sessions where user_id = ${caller.userId} and revoked_at is null`;
      expect(await rowsOf(suite.store, live)).toEqual([]);
    }
  });

  test.each(['', 'unknown', 'x'.repeat(10_000), '\0'])('of the code %j is none', async (deviceCode) => {
    expect(await stateOf(deviceCode)).toBe('gone');
  });

  test('is not fulfilled for somebody who was deactivated after the approval', async () => {
    const caller = await suite.newCaller();
    const { deviceCode, userCode } = await start();
    await decide(caller, userCode);
    await setUserActive(suite.store, caller.userId, false);
    expect(await stateOf(deviceCode)).toBe('denied');
    expect(await stateOf(deviceCode)).toBe('gone');
    const sessions = sql`select id from sessions where user_id = ${caller.userId}`;
    expect(await rowsOf(suite.store, sessions)).toEqual([]);
  });

  test('ends with all that its user approved, as when every session ends', async () => {
    const [caller, other] = [await suite.newCaller(), await suite.newCaller()];
    const [mine, theirs] = [await start(), await start()];
    await decide(caller, mine.userCode);
    await decide(other, theirs.userCode);
    await revokeSessionsOf(suite.store, caller.userId);
    expect([await stateOf(mine.deviceCode), await stateOf(theirs.deviceCode)]).toEqual(['gone', 'approved']);
  });

  test.each([
    [undefined, 'A program without a name'],
    ['', 'A program without a name'],
    [' \u202e\0\n ', 'A program without a name'],
    ['evil\u202etxt.exe\u0000\nBackyard', 'evil txt.exe Backyard'],
    ['😀'.repeat(101), '😀'.repeat(100)],
  ])('may call itself %j, but is shown in plain characters', async (client, shown) => {
    const { userCode } = await start(client);
    expect(await find(await suite.newCaller(), userCode)).toMatchObject({ client: shown });
  });
});

describe('a user code', () => {
  test('that is in use already is not given out again', async () => {
    const { userCode } = await start();
    const again = insertDeviceRequest(suite.store, {
      deviceDigest: tokenDigest('another program'),
      userCode: userCode.replace('-', ''),
      client: 'another program',
      address: PROGRAM.address,
      lifetimeMs: 60_000,
    });
    const error = await again.catch((reason: unknown) => reason);
    expect(isUniqueViolation(error)).toBe(true);
  });

  test('cannot be guessed at will: the tries of a user are counted, whatever they ask', async () => {
    const [guesser, other] = [await suite.newCaller(), await suite.newCaller()];
    const { userCode } = await start();
    for (let tries = 0; tries < 10; tries++) {
      expect(await find(guesser, 'BCDF-GHJK')).toBeUndefined();
      expect(await codesOf([decide(guesser, 'no code')])).toEqual(['device.not-found']);
    }
    const refused = find(guesser, userCode);
    await expect(refused).rejects.toMatchObject({
      code: 'device.too-many-codes',
      details: { retryInSeconds: expect.any(Number) },
    });
    expect(await codesOf([decide(guesser, userCode), decide(guesser, userCode, 'deny')])).toEqual([
      'device.too-many-codes',
      'device.too-many-codes',
    ]);
    expect(await codesOf([decide(other, userCode)])).toEqual(['done']);
  });
});

describe('who may approve', () => {
  test('is a person: no key can, whatever its scopes', async () => {
    const person = await suite.newCaller();
    const input = { door: 'key', name: 'for a test', expiresAt: null, scopes: null } as const;
    const { token } = await createApiKey.invoke(suite.context, { caller: person, origin: ORIGIN, input });
    const key = await authenticateBearer(suite.context, token);
    const limited: Caller = { ...key, scopes: ['account:read'] };
    const { deviceCode, userCode } = await start();
    expect(
      await codesOf([decide(key, userCode), decide(key, userCode, 'deny'), decide(limited, userCode)]),
    ).toEqual(['device.by-key', 'device.by-key', 'forbidden.scope']);
    expect(await stateOf(deviceCode)).toBe('pending');
  });

  test('is somebody with a session, a program’s included', async () => {
    const { userId } = await suite.newCaller();
    const { secret } = await suite.startSession(userId, 'bearer');
    const caller = await authenticateBearer(suite.context, secret);
    const { deviceCode, userCode } = await start();
    await decide(caller, userCode);
    expect(await stateOf(deviceCode)).toBe('approved');
  });
});

test('decisions and the sign-in are written down, the codes nowhere in the clear', async () => {
  const caller = await suite.newCaller();
  const [first, second] = [await start('first program'), await start('second program')];
  await decide(caller, first.userCode);
  await decide(caller, second.userCode, 'deny');
  await poll(first.deviceCode);
  const entries = sql`
    select action, actor, credential, target_kind, target_id, target_name, outcome, address, details
    from audit where actor_id = ${caller.userId} order by id`;
  const decision = {
    target_kind: 'device_request',
    target_id: null,
    address: ORIGIN.address,
    outcome: 'done',
  };
  const details = { requestedFrom: PROGRAM.address };
  expect(await rowsOf(suite.store, entries)).toEqual([
    expect.objectContaining({ ...decision, action: 'device.approve', target_name: 'first program', details }),
    expect.objectContaining({ ...decision, action: 'device.deny', target_name: 'second program', details }),
    expect.objectContaining({
      action: 'identity.login',
      credential: 'device',
      target_kind: 'user',
      address: PROGRAM.address,
      outcome: 'done',
    }),
  ]);
  const everything = JSON.stringify([
    await rowsOf(suite.store, sql`select to_jsonb(a) as row from audit a`),
    await rowsOf(suite.store, sql`select to_jsonb(d) as row from device_requests d`),
    await rowsOf(suite.store, sql`select to_jsonb(e) as row from events e`),
  ]);
  for (const { deviceCode } of [first, second]) {
    expect(everything).not.toContain(deviceCode);
    expect(everything).not.toContain(Buffer.from(deviceCode).toString('hex'));
  }
  const log = JSON.stringify(await rowsOf(suite.store, sql`select to_jsonb(a) as row from audit a`));
  expect(log).not.toContain(first.userCode);
  expect(log).not.toContain(first.userCode.replace('-', ''));
});
