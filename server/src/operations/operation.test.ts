import { describe, expect, test } from 'vitest';
import type { Caller } from '../domain/caller.ts';
import type { Scope } from '../domain/scope.ts';
import type { Context } from './context.ts';
import { adminOperation, ownerOperation, userOperation } from './operation.ts';
import { credentialOf } from './record.ts';

const owner: Caller = {
  userId: 7,
  userUuid: '00000000-0000-4000-8000-000000000007',
  username: 'ada',
  email: null,
  isAdmin: false,
  rateLimitPerSecond: 10,
  rateLimitBurst: 20,
  memberSince: new Date(0),
  keyId: null,
  sessionId: null,
  isAmbient: false,
  scopes: null,
};
const origin = { requestId: 'r-1', address: '127.0.0.1', userAgent: null };
// These operations reach for nothing of their context.
const context = {} as Context;

const boxes = new Map([
  ['a', { ownerId: 7, inside: 'apples' }],
  ['b', { ownerId: null, inside: 'bolts' }],
]);
let opened = 0;
const openBox = ownerOperation({
  name: 'box.open',
  needs: 'database:write',
  absent: 'box.not-found',
  find: async (_context, input: { id: string }) => boxes.get(input.id),
  run: async (_context, _invocation, box) => {
    opened++;
    return box.inside;
  },
});

function open(id: string, caller: Caller): Promise<string> {
  return openBox.invoke(context, { caller, origin, input: { id } });
}

describe('an operation on what has an owner', () => {
  test('runs for the owner and for an administrator', async () => {
    expect(await open('a', owner)).toBe('apples');
    expect(await open('a', { ...owner, userId: 1, isAdmin: true })).toBe('apples');
    expect(await open('b', { ...owner, userId: 1, isAdmin: true })).toBe('bolts');
  });

  test('tells a foreign thing and an absent one apart by nothing, and runs for neither', async () => {
    const before = opened;
    const refusals = await Promise.all(
      [open('a', { ...owner, userId: 8 }), open('b', owner), open('z', owner)].map((call) =>
        call.catch(({ code, message, details }) => ({ code, message, details })),
      ),
    );
    expect(refusals[0]).toMatchObject({ code: 'box.not-found' });
    expect(refusals[1]).toEqual(refusals[0]);
    expect(refusals[2]).toEqual(refusals[0]);
    expect(opened).toBe(before);
  });

  test('says how it decides who may', () => {
    expect(openBox).toMatchObject({ name: 'box.open', access: 'owner' });
    expect(userOperation('box.list', 'database:read', async () => [])).toMatchObject({
      name: 'box.list',
      access: 'user',
    });
  });
});

describe('the scopes of a key', () => {
  const admin = { ...owner, userId: 1, isAdmin: true };
  const code = ({ code }: { code: string }) => code;

  test('must allow what the operation does', async () => {
    expect(await open('a', { ...owner, scopes: ['write'] })).toBe('apples');
    expect(await open('a', { ...owner, scopes: ['database:write'] })).toBe('apples');
    const refused: (readonly Scope[])[] = [[], ['read'], ['account:admin'], ['database:read']];
    for (const scopes of refused) {
      await expect(open('a', { ...owner, scopes })).rejects.toMatchObject({
        code: 'forbidden.scope',
        details: { scope: 'database:write' },
      });
    }
  });

  test('an administrator’s key without that level sees what anybody’s would', async () => {
    expect(await open('a', { ...admin, scopes: ['database:admin'] })).toBe('apples');
    expect(await open('a', { ...admin, scopes: ['write'] }).catch(code)).toBe('box.not-found');
    const listAll = adminOperation('box.list-all', 'user:read', async () => [...boxes.keys()]);
    const list = (caller: Caller) => listAll.invoke(context, { caller, origin, input: undefined });
    expect(await list(admin)).toEqual(['a', 'b']);
    expect(await list({ ...admin, scopes: ['user:admin'] })).toEqual(['a', 'b']);
    expect(await list({ ...admin, scopes: ['user:write'] }).catch(code)).toBe('forbidden.admin');
    expect(await list(owner).catch(code)).toBe('forbidden.admin');
    // No scope makes an administrator of somebody who is none.
    expect(await list({ ...owner, scopes: ['admin'] }).catch(code)).toBe('forbidden.admin');
  });
});

describe('the credential in the audit log', () => {
  test('names the key, never its text', () => {
    const callers = [owner, { ...owner, keyId: 12 }, { ...owner, sessionId: 's-1' }];
    expect(callers.map(credentialOf)).toEqual(['proxy', 'key:12', 'session:s-1']);
  });
});
