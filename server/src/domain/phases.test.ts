import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Caller, maySee } from './caller.ts';
import { type Database, databasePhase, databaseRoles } from './database.ts';
import { pgUserPhase } from './pg-user.ts';
import { assertQuota } from './quota.ts';
import { everSettled, isSettled } from './resource.ts';

/** Every combination that a row can hold: the observed generation never runs ahead. */
const databases = fc
  .record({
    desired: fc.constantFrom('active', 'suspended', 'absent' as const),
    generation: fc.integer({ min: 1, max: 5 }),
    lag: fc.integer({ min: 0, max: 5 }),
    open: fc.constantFrom(true, false, null),
  })
  .map(({ desired, generation, lag, open }): Database => {
    const status = { extensions: [], sizeBytes: 0, connections: 0, observedAt: '2026-01-02T03:04:05Z' };
    return {
      id: '00000000-0000-4000-8000-00000000000a',
      kind: 'database',
      rootId: '00000000-0000-4000-8000-00000000000a',
      ownerId: 1,
      name: 'shop',
      desired,
      spec: { connectionLimit: 5, extensions: [], deletedAt: null, purgeAfter: null },
      status: open === null ? null : { ...status, open },
      generation,
      observedGeneration: Math.max(0, generation - lag),
      conditions: [],
      createdAt: new Date(0),
      updatedAt: new Date(0),
    };
  });

describe('the phase of a database', () => {
  test('active only when it is wanted and people can connect', () => {
    fc.assert(
      fc.property(databases, (database) => {
        const usable = database.desired === 'active' && database.status?.open === true;
        expect(databasePhase(database) === 'active').toBe(usable);
      }),
    );
  });

  test('soft-deleted only when a look found it closed', () => {
    fc.assert(
      fc.property(databases, (database) => {
        const closed = database.desired === 'suspended' && isSettled(database);
        expect(databasePhase(database) === 'soft_deleted').toBe(closed);
      }),
    );
  });

  test('pending only on the way up, deleting only on the way down', () => {
    fc.assert(
      fc.property(databases, (database) => {
        const phase = databasePhase(database);
        expect(['pending_creation', 'active', 'deleting', 'soft_deleted']).toContain(phase);
        expect(['pending_creation', 'active'].includes(phase)).toBe(database.desired === 'active');
      }),
    );
  });

  test('users are as usable as their database', () => {
    expect(
      (['pending_creation', 'active', 'deleting', 'soft_deleted'] as const).map((phase) =>
        pgUserPhase(phase),
      ),
    ).toEqual(['active', 'active', 'deactivated_db_soft_deleted', 'deactivated_db_soft_deleted']);
  });
});

describe('a resource', () => {
  test('is settled when the status answers the newest spec, and settled once when it ever did', () => {
    expect(isSettled({ generation: 2, observedGeneration: 1 })).toBe(false);
    expect(isSettled({ generation: 2, observedGeneration: 2 })).toBe(true);
    expect(everSettled({ observedGeneration: 0 })).toBe(false);
    expect(everSettled({ observedGeneration: 1 })).toBe(true);
  });
});

describe('role names', () => {
  test('hold the UUID as 32 hex digits, fit a Postgres identifier, and tell databases apart', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        const roles = Object.values(databaseRoles(one));
        for (const role of roles) {
          expect(role).toMatch(/^by_[0-9a-f]{32}_(owner|read|write)$/);
          expect(role.length).toBeLessThanOrEqual(63);
        }
        fc.pre(one !== other);
        expect(Object.values(databaseRoles(other)).some((role) => roles.includes(role))).toBe(false);
      }),
    );
  });
});

const caller: Caller = {
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
const admin: Caller = { ...caller, userId: 1, isAdmin: true };

describe('who may see what', () => {
  test('owners and administrators, nobody else; what has no owner is for administrators', () => {
    expect([7, 8, null].map((owner) => maySee(caller, owner))).toEqual([true, false, false]);
    expect([7, 8, null].map((owner) => maySee(admin, owner))).toEqual([true, true, true]);
  });
});

describe('quotas', () => {
  test('fault when one more would be too many, with the numbers in words', () => {
    expect(() => assertQuota('Database', caller, 2, 3)).not.toThrow();
    expect(() => assertQuota('Database', caller, 3, 3)).toThrow(
      expect.objectContaining({
        code: 'quota.reached',
        message: 'Database quota reached (3 of 3)',
        details: { what: 'Database', used: 3, limit: 3 },
      }),
    );
    expect(() => assertQuota('Database', caller, 4, 3)).toThrow();
  });

  test('0 is no limit, and administrators have none', () => {
    expect(() => assertQuota('Database', caller, 1_000, 0)).not.toThrow();
    expect(() => assertQuota('Database', admin, 1_000, 3)).not.toThrow();
  });
});
