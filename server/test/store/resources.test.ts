import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { isUniqueViolation } from '../../src/store/postgres-error.ts';
import {
  countByDesired,
  countRoots,
  findResource,
  findVisible,
  listChildren,
  listRoots,
  updateSpec,
} from '../../src/store/resources.ts';
import { purgeExpiredDatabases } from '../../src/store/retention.ts';
import { keepSpares, takeSpare } from '../../src/store/spares.ts';
import {
  eventNames,
  getRow,
  newName,
  newResource,
  newUser,
  rowsOf,
  storeSuite,
} from './support/store-suite.ts';

const suite = storeSuite();
afterEach(() => sql`delete from resources`.execute(suite.store));

function isTaken(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error: unknown) => isUniqueViolation(error),
  );
}

describe('names', () => {
  test('are unique among the roots of a kind, also while one is soft-deleted or going', async () => {
    const { id, name } = await newResource(suite.store);
    expect(await isTaken(newResource(suite.store, { name }))).toBe(true);
    for (const desired of ['suspended', 'absent']) {
      await sql`update resources set desired = ${desired} where id = ${id}`.execute(suite.store);
      expect(await isTaken(newResource(suite.store, { name }))).toBe(true);
    }
    expect(await isTaken(newResource(suite.store, { name, kind: 'cluster' }))).toBe(false);
    await sql`delete from resources where id = ${id}`.execute(suite.store);
    expect(await isTaken(newResource(suite.store, { name }))).toBe(false);
  });

  test('of parts are unique within their root only', async () => {
    const [one, other] = [await newResource(suite.store), await newResource(suite.store)];
    const part = (rootId: string) =>
      newResource(suite.store, { id: randomUUID(), kind: 'pg_user', rootId, name: 'ada' });
    await part(one.id);
    expect(await isTaken(part(one.id))).toBe(true);
    expect(await isTaken(part(other.id))).toBe(false);
  });

  test('of twenty at once, one gets the name and the others hear that it is taken', async () => {
    const name = newName('wanted');
    const results = await Promise.all(
      Array.from({ length: 20 }, () => isTaken(newResource(suite.store, { name }))),
    );
    expect(results.filter((taken) => taken)).toHaveLength(19);
  });

  test('a part has no lease of its own', async () => {
    const root = await newResource(suite.store);
    await newResource(suite.store, { id: randomUUID(), kind: 'pg_user', rootId: root.id });
    expect(await rowsOf(suite.store, sql`select root_id from leases`)).toEqual([{ root_id: root.id }]);
  });
});

describe('what is asked for', () => {
  test('a new one counts as the first generation; awaited, it falls back to nothing', async () => {
    const quiet = await newResource(suite.store);
    expect(quiet).toMatchObject({ generation: 1, observed_generation: 0, desired: 'active', fallback: null });
    const awaited = await newResource(suite.store, { awaitedBy: 'me' });
    expect(awaited).toMatchObject({ awaited_by: 'me', fallback: { desired: 'absent', spec: awaited.spec } });
  });

  test('each change is a generation, due at once, with earlier failures forgotten', async () => {
    const { id } = await newResource(suite.store);
    await sql`
      update resources set attempts = 5, due_at = now() + interval '1 hour' where id = ${id}`.execute(
      suite.store,
    );
    const change = { spec: { size: 2 }, fallback: null, awaitedBy: null };
    const row = await updateSpec(suite.store, id, { ...change, desired: 'suspended' });
    expect(row).toMatchObject({ generation: 2, desired: 'suspended', spec: { size: 2 }, attempts: 0 });
    const [due] = await rowsOf(suite.store, sql`select due_at <= now() as due from resources`);
    expect(due).toEqual({ due: true });
  });

  test('parallel changes are all counted', async () => {
    const { id } = await newResource(suite.store);
    const change = { desired: 'active', fallback: null, awaitedBy: null } as const;
    await Promise.all(
      Array.from({ length: 8 }, (_, size) => updateSpec(suite.store, id, { ...change, spec: { size } })),
    );
    expect((await getRow(suite.store, id)).generation).toBe(9);
  });
});

describe('lists', () => {
  test('are newest first, each owner’s own, without what is going; spares are nobody’s', async () => {
    const [ada, bob] = [await newUser(suite.store), await newUser(suite.store)];
    const ids: string[] = [];
    for (const ownerId of [ada.id, bob.id, ada.id, null, ada.id]) {
      ids.push((await newResource(suite.store, { ownerId })).id);
    }
    await sql`update resources set desired = 'absent' where id = ${ids[4]}`.execute(suite.store);
    const list = async (ownerId: number | null, limit: number | null = null, offset = 0) =>
      (await listRoots(suite.store, 'database', { ownerId, limit, offset })).map(({ id }) => ids.indexOf(id));
    expect(await list(ada.id)).toEqual([2, 0]);
    expect(await list(null)).toEqual([2, 1, 0]);
    expect(await list(null, 1, 1)).toEqual([1]);
    expect(await list(ada.id, 10, 2)).toEqual([]);
    expect(await countRoots(suite.store, 'database', ada.id)).toBe(2);
    expect(await countRoots(suite.store, 'database', null)).toBe(3);
  });

  test('what is going exists, but is not there for anybody who asks', async () => {
    const root = await newResource(suite.store);
    const part = await newResource(suite.store, { id: randomUUID(), kind: 'pg_user', rootId: root.id });
    expect(await listChildren(suite.store, root.id, 'pg_user')).toHaveLength(1);
    await sql`update resources set desired = 'absent'`.execute(suite.store);
    expect(await findResource(suite.store, 'pg_user', part.id)).toBeDefined();
    expect(await findVisible(suite.store, 'pg_user', part.id)).toBeUndefined();
    expect(await listChildren(suite.store, root.id, 'pg_user')).toEqual([]);
    expect(await findResource(suite.store, 'database', part.id)).toBeUndefined();
  });

  test('counts tell those in use from those that are suspended', async () => {
    const { id: ownerId } = await newUser(suite.store);
    const rows = [];
    for (let i = 0; i < 4; i++) rows.push(await newResource(suite.store, { ownerId }));
    await sql`update resources set desired = 'suspended' where id = ${rows[0]?.id}`.execute(suite.store);
    expect(await countByDesired(suite.store, 'database', ownerId)).toEqual({
      active: 3,
      suspended: 1,
      absent: 0,
    });
  });
});

/** A soft-deleted database whose purge is due after so many seconds. */
async function softDeleted(seconds: number, settled = true): Promise<string> {
  const purgeAfter = new Date(Date.now() + seconds * 1_000).toISOString();
  const spec = { connectionLimit: 5, extensions: [], deletedAt: purgeAfter, purgeAfter };
  const { id } = await newResource(suite.store, { spec });
  await sql`
    update resources set desired = 'suspended', observed_generation = ${settled ? 1 : 0}
    where id = ${id}`.execute(suite.store);
  return id;
}

describe('retention', () => {
  test('wants absent what was soft-deleted for long enough, and writes that down', async () => {
    const over = await softDeleted(-1);
    const [young, closing, active] = [
      await softDeleted(60),
      await softDeleted(-1, false),
      (await newResource(suite.store)).id,
    ];
    expect(await purgeExpiredDatabases(suite.store)).toBe(1);
    expect(await getRow(suite.store, over)).toMatchObject({ desired: 'absent', generation: 2 });
    expect(await eventNames(suite.store, over)).toEqual(['database.purge']);
    const audit = await rowsOf(
      suite.store,
      sql`select actor, action, target_name from audit where root_id = ${over}`,
    );
    expect(audit).toMatchObject([{ actor: 'system', action: 'database.purge' }]);
    for (const id of [young, closing]) {
      expect(await getRow(suite.store, id)).toMatchObject({ desired: 'suspended', generation: 1 });
    }
    expect((await getRow(suite.store, active)).desired).toBe('active');
    expect(await purgeExpiredDatabases(suite.store)).toBe(0);
  });

  test('of two processes at once, one purges', async () => {
    await softDeleted(-1);
    const counts = await Promise.all([
      purgeExpiredDatabases(suite.store),
      purgeExpiredDatabases(suite.openStore()),
    ]);
    expect(counts.sort()).toEqual([0, 1]);
  });
});

const spec = { connectionLimit: 5, extensions: [], deletedAt: null, purgeAfter: null };

function keep(wanted: number, store = suite.store): Promise<number> {
  return keepSpares(store, wanted, () => ({ id: randomUUID(), name: newName('by_spare'), spec }));
}

function settleSpares(): Promise<unknown> {
  return sql`
    update resources set observed_generation = generation, status = '{"open": true}',
      conditions = '[{"type": "Ready", "status": "true"}]'
    where owner_id is null`.execute(suite.store);
}

describe('spares', () => {
  test('are as many as are wanted, however many processes count', async () => {
    const other = suite.openStore();
    const made = await Promise.all([keep(3), keep(3, other), keep(3), keep(3, other)]);
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await keep(3)).toBe(0);
    expect(await keep(1)).toBe(0);
  });

  test('become what was asked for once: a new generation that its caller waits for', async () => {
    const { id: ownerId } = await newUser(suite.store);
    await keep(2);
    const use = () => {
      const wanted = { ownerId, name: newName('shop'), spec, awaitedBy: 'me' };
      return takeSpare(suite.store, wanted);
    };
    expect(await use()).toBeUndefined();
    await settleSpares();
    const taken = await Promise.all([use(), use(), use()]);
    const rows = taken.filter((row) => row !== undefined);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toMatchObject({
        owner_id: ownerId,
        generation: 2,
        observed_generation: 1,
        status: null,
        awaited_by: 'me',
        fallback: { desired: 'absent' },
      });
    }
  });

  test('a taken name leaves the spare a spare', async () => {
    const { id: ownerId } = await newUser(suite.store);
    const { name } = await newResource(suite.store, { ownerId });
    await keep(1);
    await settleSpares();
    const wanted = { ownerId, name, spec, awaitedBy: 'me' };
    expect(await isTaken(takeSpare(suite.store, wanted))).toBe(true);
    expect(await keep(1)).toBe(0);
  });

  test('that failed its last look is not handed out', async () => {
    await keep(1);
    await settleSpares();
    await sql`update resources set conditions = '[{"type": "Ready", "status": "false"}]'`.execute(
      suite.store,
    );
    const wanted = { ownerId: null, name: newName('shop'), spec, awaitedBy: 'me' };
    expect(await takeSpare(suite.store, wanted)).toBeUndefined();
  });
});
