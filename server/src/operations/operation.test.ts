import { describe, expect, test } from 'vitest';
import type { Caller } from '../domain/caller.ts';
import type { Context } from './context.ts';
import { ownerOperation, userOperation } from './operation.ts';
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
};
const origin = { requestId: 'r-1', address: '127.0.0.1' };
// These operations reach for nothing of their context.
const context = {} as Context;

const boxes = new Map([
  ['a', { ownerId: 7, inside: 'apples' }],
  ['b', { ownerId: null, inside: 'bolts' }],
]);
let opened = 0;
const openBox = ownerOperation({
  name: 'box.open',
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
    expect(userOperation('box.list', async () => [])).toMatchObject({ name: 'box.list', access: 'user' });
  });
});

describe('the credential in the audit log', () => {
  test('names the key, never its text', () => {
    expect([owner, { ...owner, keyId: 12 }].map(credentialOf)).toEqual(['session', 'key:12']);
  });
});
