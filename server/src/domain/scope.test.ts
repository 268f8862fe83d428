import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allows, covers, isScope, LEVELS, SCOPE_KINDS, SCOPES, type Scope } from './scope.ts';

const someScopes = fc.oneof(fc.constant(null), fc.uniqueArray(fc.constantFrom(...SCOPES)));

describe('scopes', () => {
  test.each([
    [null, 'user', 'admin', true],
    [['read'], 'database', 'read', true],
    [['read'], 'database', 'write', false],
    [['write'], 'account', 'read', true],
    [['write'], 'account', 'admin', false],
    [['database:write'], 'database', 'read', true],
    [['database:write'], 'account', 'read', false],
    [['read', 'database:admin'], 'database', 'admin', true],
    [['read', 'database:admin'], 'user', 'write', false],
    [[], 'database', 'read', false],
  ] as const)('%j on %s %s: %s', (scopes, kind, level, expected) => {
    expect(allows(scopes as readonly Scope[] | null, kind, level)).toBe(expected);
  });

  test('one set covers another exactly when it allows everything that the other does', () => {
    fc.assert(
      fc.property(someScopes, someScopes, (held, wanted) => {
        const cells = SCOPE_KINDS.flatMap((kind) => LEVELS.map((level) => [kind, level] as const));
        const within = cells.every(
          ([kind, level]) => !allows(wanted, kind, level) || allows(held, kind, level),
        );
        expect(covers(held, wanted)).toBe(within);
      }),
    );
  });

  test('every scope is one, and nothing else', () => {
    expect(SCOPES.every(isScope)).toBe(true);
    for (const text of ['', 'all', 'database', 'database:', ':read', 'read:database', 'READ', 'toString']) {
      expect(isScope(text)).toBe(false);
    }
  });
});
