import { describe, expect, test } from 'vitest';
import {
  hasLength,
  isUsername,
  limitsAfterRoleChange,
  limitsOf,
  usernameFrom,
  usernameWithEnding,
} from './user.ts';

const roles = { user: { perSecond: 10, burst: 20 }, admin: { perSecond: 100, burst: 200 } };

describe('limits', () => {
  test('come with the role', () => {
    expect([limitsOf(roles, false), limitsOf(roles, true)]).toEqual([roles.user, roles.admin]);
  });

  test('that are the old role’s follow the role, others stay', () => {
    expect(limitsAfterRoleChange(roles, roles.user, false)).toEqual(roles.admin);
    expect(limitsAfterRoleChange(roles, roles.admin, true)).toEqual(roles.user);
    expect(limitsAfterRoleChange(roles, { perSecond: 7, burst: 20 }, false)).toEqual({
      perSecond: 7,
      burst: 200,
    });
    expect(limitsAfterRoleChange(roles, { perSecond: 100, burst: 9 }, true)).toEqual({
      perSecond: 10,
      burst: 9,
    });
  });
});

describe('names', () => {
  test('count characters, not units', () => {
    expect(hasLength('🔑🔑🔑', { min: 3, max: 3 })).toBe(true);
    expect(isUsername('🔑🔑')).toBe(false);
    expect([isUsername('ada'), isUsername('a'.repeat(50)), isUsername('a'.repeat(51))]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isUsername('a\tb'), isUsername('ada\u007f'), isUsername('ada\0')]).toEqual([false, false, false]);
  });

  test('made of what others say are always names', () => {
    expect(usernameFrom([null, 'x', ' ada\n', 'bob'])).toBe('ada');
    expect(usernameFrom([null, 'x'])).toBe('user');
    expect(usernameFrom(['🔑'.repeat(60)])).toBe('🔑'.repeat(50));
    const longest = usernameWithEnding('a'.repeat(50), '123456');
    expect(longest).toBe(`${'a'.repeat(43)}-123456`);
    expect(isUsername(longest)).toBe(true);
  });
});
