/** A key with scopes, or an end, makes nothing that has more of either. */
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createApiKey } from '../../src/operations/api-key/create.ts';
import { authenticateBearer } from '../../src/operations/identity/authenticate.ts';
import type { RequestedChange } from '../../src/operations/user/change.ts';
import { createUser } from '../../src/operations/user/create.ts';
import { updateUser } from '../../src/operations/user/update.ts';
import { newName } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();

interface Wish {
  readonly scopes?: readonly Scope[] | null;
  readonly expiresAt?: Date | null;
}

function makeKey(caller: Caller, { scopes = null, expiresAt = null }: Wish = {}) {
  const input = { door: 'key' as const, name: 'for a test', expiresAt, scopes };
  return createApiKey.invoke(suite.context, { caller, origin: ORIGIN, input });
}

async function callerByKey(caller: Caller, wish: Wish): Promise<Caller> {
  return authenticateBearer(suite.context, (await makeKey(caller, wish)).token);
}

function create(caller: Caller, isAdmin: boolean): Promise<unknown> {
  const username = newName('made');
  const input = {
    username,
    email: `${username}@example.org`,
    password: 'a long password',
    isAdmin,
    perSecond: null,
    burst: null,
  };
  return createUser.invoke(suite.context, { caller, origin: ORIGIN, input });
}

const NOTHING: RequestedChange = {
  username: null,
  email: null,
  password: null,
  isAdmin: null,
  isActive: null,
  perSecond: null,
  burst: null,
};

function update(caller: Caller, id: number, change: Partial<RequestedChange>): Promise<unknown> {
  const input = { user: { id }, change: { ...NOTHING, ...change } };
  return updateUser.invoke(suite.context, { caller, origin: ORIGIN, input });
}

describe('a key for the administration of users', () => {
  test('takes over no account and makes no administrator', async () => {
    const admin = await suite.newCaller({ isAdmin: true });
    const { userId: id } = await suite.newCaller();
    const limited = await callerByKey(admin, { scopes: ['user:admin'] });
    const refused = [
      create(limited, true),
      update(limited, id, { password: 'a long password' }),
      update(limited, admin.userId, { password: 'a long password' }),
      update(limited, id, { email: `${newName('eve')}@example.org` }),
      update(limited, id, { isAdmin: true }),
    ];
    expect(await codesOf(refused)).toEqual(Array(5).fill('forbidden.limited-key'));
    const allowed = [
      create(limited, false),
      update(limited, id, { burst: 7 }),
      update(limited, id, { isActive: false }),
    ];
    expect(await codesOf(allowed)).toEqual(['done', 'done', 'done']);
    // One that has everything is not limited.
    const full = await callerByKey(admin, { scopes: ['admin'] });
    expect(await codesOf([update(full, id, { password: 'a long password' })])).toEqual(['done']);
  });
});

describe('a key that makes a key', () => {
  test('hands on its scopes, or fewer', async () => {
    const parent = await callerByKey(await suite.newCaller(), { scopes: ['account:write', 'database:read'] });
    expect((await makeKey(parent)).key.scopes).toEqual(['account:write', 'database:read']);
    expect((await makeKey(parent, { scopes: ['database:read'] })).key.scopes).toEqual(['database:read']);
    const stronger: (readonly Scope[])[] = [['database:write'], ['read'], ['admin'], ['account:admin']];
    const tries = stronger.map((scopes) => makeKey(parent, { scopes }));
    expect(await codesOf(tries)).toEqual(Array(4).fill('api-key.scopes'));
  });

  test('hands on its end, or an earlier one', async () => {
    const end = new Date(Date.now() + 3_600_000);
    const parent = await callerByKey(await suite.newCaller(), { expiresAt: end });
    expect((await makeKey(parent)).key.expires_at).toEqual(end);
    const earlier = new Date(end.getTime() - 60_000);
    expect((await makeKey(parent, { expiresAt: earlier })).key.expires_at).toEqual(earlier);
    const later = makeKey(parent, { expiresAt: new Date(end.getTime() + 1_000) });
    expect(await codesOf([later])).toEqual(['api-key.outlives']);
  });
});
