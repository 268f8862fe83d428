import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { databasePhase } from '../../src/domain/database.ts';
import { deleteDatabase } from '../../src/operations/database/delete.ts';
import { getDatabase } from '../../src/operations/database/get.ts';
import { purgeDatabase } from '../../src/operations/database/purge.ts';
import { undeleteDatabase } from '../../src/operations/database/undelete.ts';
import { findResource } from '../../src/store/resources.ts';
import { makeDue } from '../../src/store/work.ts';
import { Gate } from '../reconcile/support/world.ts';
import { getRow, rowsOf } from '../store/support/store-suite.ts';
import { operationSuite, stuck } from './support/operation-suite.ts';

const suite = operationSuite();

describe('soft deletion', () => {
  test('closes, keeps, and can be taken back', async () => {
    const caller = await suite.newCaller();
    const { id } = await suite.createDatabase(caller);
    const { database, already } = await suite.on(deleteDatabase, caller, id);
    expect([databasePhase(database), already]).toEqual(['soft_deleted', false]);
    expect(suite.world.things.get(id)?.open).toBe(false);
    const { deletedAt, purgeAfter } = database.spec;
    expect(Date.parse(purgeAfter ?? '') - Date.parse(deletedAt ?? '')).toBe(7 * 86_400_000);
    const again = await suite.on(deleteDatabase, caller, id);
    expect(again).toMatchObject({ already: true, database: { generation: database.generation } });
    expect(again.database.spec).toEqual(database.spec);
    const back = await suite.on(undeleteDatabase, caller, id);
    expect([databasePhase(back), back.spec.deletedAt]).toEqual(['active', null]);
    expect(suite.world.things.get(id)?.open).toBe(true);
    await expect(suite.on(undeleteDatabase, caller, id)).rejects.toMatchObject({
      code: 'database.not-deleted',
      details: { phase: 'active' },
    });
  });

  test('of two at once, one wins', async () => {
    const caller = await suite.newCaller();
    const { id } = await suite.createDatabase(caller);
    const gate = new Gate();
    suite.world.before('close', gate.wait);
    const first = suite.on(deleteDatabase, caller, id);
    await gate.reached;
    await expect(suite.on(deleteDatabase, caller, id)).rejects.toMatchObject({ code: 'database.deleting' });
    gate.open();
    expect((await first).already).toBe(false);
  });

  test('that fails at a step is carried on, never reopened', async () => {
    const caller = await suite.newCaller();
    const { id } = await suite.createDatabase(caller);
    suite.world.before('close', stuck);
    const deleting = suite.on(deleteDatabase, caller, id);
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    expect(databasePhase(await suite.on(getDatabase, caller, id))).toBe('deleting');
    suite.world.mend();
    await makeDue(suite.store, id);
    suite.reconciler.wake(id);
    expect(databasePhase((await deleting).database)).toBe('soft_deleted');
  });

  test('soft-deleted ones do not count against the quota, but there are at most as many again', async () => {
    const caller = await suite.newCaller();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await suite.createDatabase(caller)).id);
    for (const id of ids.slice(0, 2)) await suite.on(deleteDatabase, caller, id);
    for (let i = 0; i < 2; i++) await suite.createDatabase(caller);
    const full = { code: 'quota.reached', message: 'Database quota reached (3 of 3)' };
    await expect(suite.createDatabase(caller)).rejects.toMatchObject(full);
    await expect(suite.on(undeleteDatabase, caller, ids[0] ?? '')).rejects.toMatchObject(full);
    await suite.on(deleteDatabase, caller, ids[2] ?? '');
    await expect(suite.createDatabase(caller)).rejects.toMatchObject(full);
    await suite.on(undeleteDatabase, caller, ids[0] ?? '');
  });

  test('a purge needs the name and a soft-deleted database; then nothing is left', async () => {
    const caller = await suite.newCaller();
    const { id, name } = await suite.createDatabase(caller);
    await expect(suite.on(purgeDatabase, caller, id, name)).rejects.toMatchObject({
      code: 'database.not-deleted',
    });
    await suite.on(deleteDatabase, caller, id);
    await expect(suite.on(purgeDatabase, caller, id, `${name}x`)).rejects.toMatchObject({
      code: 'database.confirmation',
    });
    const gate = new Gate();
    suite.world.before('remove', gate.wait);
    expect(databasePhase(await suite.on(purgeDatabase, caller, id, name))).toBe('deleting');
    await gate.reached;
    // It is there until it is gone: whoever hears that it is not may have the name.
    expect(databasePhase(await suite.on(getDatabase, caller, id))).toBe('deleting');
    gate.open();
    await expect.poll(() => findResource(suite.store, 'database', id)).toBeUndefined();
    await expect(suite.on(getDatabase, caller, id)).rejects.toMatchObject({ code: 'database.not-found' });
    expect(suite.world.things.has(id)).toBe(false);
    expect(databasePhase(await suite.createDatabase(caller, name))).toBe('active');
    const audit = sql<{ action: string }>`select action from audit where target_id = ${id} order by id`;
    expect((await rowsOf(suite.store, audit)).map(({ action }) => action)).toEqual([
      'database.create',
      'database.delete',
      'database.purge',
    ]);
  });
});
