import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { insertAuditEntry, listAuditByRoot, type NewAuditEntry } from '../../src/store/audit.ts';
import type { Change } from '../../src/store/changes.ts';
import { findLastEvent, insertEvent } from '../../src/store/events.ts';
import { newResource, newUser, rowsOf, storeSuite } from './support/store-suite.ts';

const suite = storeSuite();

function entry(fields: Partial<NewAuditEntry>): NewAuditEntry {
  return {
    actorId: null,
    actor: 'ada',
    credential: 'session',
    action: 'database.create',
    targetKind: 'database',
    targetId: null,
    targetName: 'shop',
    rootId: null,
    outcome: 'accepted',
    requestId: 'r-1',
    address: '127.0.0.1',
    ...fields,
  };
}

describe('the audit log', () => {
  test('only ever grows, whoever asks', async () => {
    const { id } = await newResource(suite.store);
    await insertAuditEntry(suite.store, entry({ rootId: id, targetId: id }));
    const before = await rowsOf(suite.store, sql`select * from audit`);
    const attempts = [
      sql`update audit set actor = 'nobody'`,
      sql`delete from audit`,
      sql`delete from audit where root_id = ${id}`,
    ];
    for (const attempt of attempts) {
      await expect(attempt.execute(suite.store)).rejects.toThrow('never changed or removed');
    }
    expect(await rowsOf(suite.store, sql`select * from audit`)).toEqual(before);
  });

  test('outlives what it tells of', async () => {
    const owner = await newUser(suite.store);
    const { id } = await newResource(suite.store, { ownerId: owner.id });
    await insertAuditEntry(suite.store, entry({ rootId: id, targetId: id, actorId: owner.id }));
    await suite.store.deleteFrom('resources').where('id', '=', id).execute();
    expect(await listAuditByRoot(suite.store, id, 10)).toMatchObject([{ target_id: id, actor: 'ada' }]);
  });

  test('is listed by root, newest first, to a limit', async () => {
    const { id } = await newResource(suite.store);
    const other = await newResource(suite.store);
    for (const [rootId, action] of [
      [id, 'database.create'],
      [other.id, 'database.create'],
      [id, 'pg-user.create'],
      [id, 'database.delete'],
    ] as const) {
      await insertAuditEntry(suite.store, entry({ rootId, action, details: { because: 'a test' } }));
    }
    const list = await listAuditByRoot(suite.store, id, 2);
    expect(list.map(({ action }) => action)).toEqual(['database.delete', 'pg-user.create']);
    expect(list[0]).toMatchObject({ details: { because: 'a test' }, outcome: 'accepted' });
  });
});

describe('the outbox', () => {
  test('tells others when the transaction commits, and nothing when it does not', async () => {
    const feed = await suite.openFeed();
    const heard: Change[] = [];
    feed.on((change) => heard.push(change));
    const owner = await newUser(suite.store);
    const { id } = await newResource(suite.store, { ownerId: owner.id });
    const event = { resourceId: id, rootId: id, ownerId: owner.id };
    const undone = suite.store.transaction().execute(async (db) => {
      await insertEvent(db, { ...event, name: 'database.undone', wakes: true });
      throw new Error('taken back');
    });
    await expect(undone).rejects.toThrow('taken back');
    await suite.store.transaction().execute(async (db) => {
      await insertEvent(db, { ...event, name: 'database.create', wakes: true });
      expect(heard).toEqual([]);
    });
    await expect.poll(() => heard.length).toBe(1);
    expect(heard).toEqual([{ topic: 'resource', id, rootId: id, ownerId: owner.id, wakes: true }]);
    expect(await findLastEvent(suite.store, id, 'database.undone')).toBeUndefined();
  });

  test('hands out the newest event of a name', async () => {
    const { id } = await newResource(suite.store);
    const event = { resourceId: id, rootId: id, ownerId: null, name: 'database.failed' };
    await insertEvent(suite.store, { ...event, payload: { reason: 'first' } });
    await insertEvent(suite.store, { ...event, payload: { reason: 'second' } });
    await insertEvent(suite.store, { ...event, name: 'database.settled' });
    expect(await findLastEvent(suite.store, id, 'database.failed')).toEqual({ reason: 'second' });
  });
});
