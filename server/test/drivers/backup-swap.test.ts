/** What a crash between the steps of a swap leaves, and that it is always put right. */
import { describe, expect, test } from 'vitest';
import { preparedName, replacedName } from '../../src/drivers/postgres/backup/restore-names.ts';
import { backupSuite, faultOf, subject, target } from './support/backup-suite.ts';
import { connect, run } from './support/cluster-access.ts';
import { debianPrograms } from './support/debian-cluster.ts';
import type { PeopledTenant } from './support/suite.ts';

const binDir = debianPrograms();
const OLD = ['new', 'one', 'two'];
const RESTORED = ['one', 'two'];

describe.skipIf(binDir === undefined)('the swap of a restore', () => {
  const suite = backupSuite(binDir ?? '');
  const { signal } = suite;
  const backup = () => suite.backup();

  /** Dumped, changed, and the dump prepared beside it. */
  async function prepared(): Promise<PeopledTenant> {
    const tenant = await suite.tenantWithRows();
    const file = suite.file(`${tenant.name}.dump`);
    await backup().dump(subject(tenant), file, signal);
    await run(suite.dsn, tenant.as(tenant.writer), `INSERT INTO words VALUES ('new')`);
    await backup().prepareRestore(target(tenant), file, signal);
    return tenant;
  }

  const close = (name: string) => run(suite.dsn, {}, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  const rename = (from: string, to: string) => run(suite.dsn, {}, `ALTER DATABASE ${from} RENAME TO ${to}`);

  /** The names as between the two renames, though these are one transaction. */
  async function setAside(tenant: PeopledTenant): Promise<void> {
    await suite.pool.closeInside(tenant.name);
    await close(tenant.name);
    await rename(tenant.name, replacedName(tenant.id));
  }

  test.each<[string, (tenant: PeopledTenant) => Promise<unknown>, string[]]>([
    ['before anything', async () => undefined, OLD],
    ['after the old one was closed', (tenant) => close(tenant.name), OLD],
    ['between the names', setAside, OLD],
    [
      'when only the prepared one is left',
      async (tenant) => {
        await setAside(tenant);
        await run(suite.dsn, {}, `DROP DATABASE ${replacedName(tenant.id)}`);
      },
      RESTORED,
    ],
    [
      'before the old one was dropped',
      async (tenant) => {
        await setAside(tenant);
        await rename(preparedName(tenant.id), tenant.name);
      },
      RESTORED,
    ],
    ['after everything', (tenant) => backup().swap(target(tenant), signal), RESTORED],
  ])('clean-up after a crash %s', async (_when, crash, words) => {
    const tenant = await prepared();
    await crash(tenant);
    await backup().cleanUp(subject(tenant), signal);
    await backup().cleanUp(subject(tenant), signal);
    expect(await suite.leftovers(tenant)).toEqual([]);
    await tenant.reconcile('active');
    await tenant.reconcileUsers('active');
    expect(await suite.words(tenant)).toEqual(words);
  });

  test.each<[string, (tenant: PeopledTenant) => Promise<unknown>]>([
    ['after the old one was closed', (tenant) => close(tenant.name)],
    ['between the names', setAside],
    ['after everything', (tenant) => backup().swap(target(tenant), signal)],
  ])('a swap that is repeated %s goes on to the end', async (_when, crash) => {
    const tenant = await prepared();
    await crash(tenant);
    await backup().swap(target(tenant), signal);
    expect(await suite.leftovers(tenant)).toEqual([]);
    await tenant.reconcile('active');
    await tenant.reconcileUsers('active');
    expect(await suite.words(tenant)).toEqual(RESTORED);
  });

  test('a half restored database is never put in place', async () => {
    const tenant = await prepared();
    await run(suite.dsn, {}, `COMMENT ON DATABASE ${preparedName(tenant.id)} IS NULL`);
    expect(await faultOf(backup().swap(target(tenant), signal))).toMatchObject({
      code: 'backup.not-prepared',
    });
    expect(await suite.words(tenant)).toEqual(OLD);
    await setAside(tenant);
    await run(suite.dsn, {}, `DROP DATABASE ${replacedName(tenant.id)}`);
    await backup().cleanUp(subject(tenant), signal);
    expect(await suite.leftovers(tenant)).toEqual([]);
    expect(await faultOf(suite.words(tenant))).toMatchObject({ code: '3D000' });
    // What is gone for good stays visible; the suite's own end needs no database.
    await expect(tenant.reconcile('active')).rejects.toMatchObject({ code: 'database.vanished' });
  });

  test('sessions and prepared transactions do not hold it up, nobody gets into the prepared one', async () => {
    const tenant = await prepared();
    const writer = tenant.as(tenant.writer);
    const inside = { ...writer, database: preparedName(tenant.id) };
    expect(await faultOf(run(suite.dsn, inside, 'SELECT 1'))).toMatchObject({ code: '55000' });
    await run(suite.dsn, writer, 'BEGIN', 'INSERT INTO words VALUES (1)', `PREPARE TRANSACTION 'held'`);
    const sessions = await Promise.all([connect(suite.dsn, writer), connect(suite.dsn, writer)]);
    await backup().swap(target(tenant), signal);
    for (const session of sessions) await expect(session.query('SELECT 1')).rejects.toThrow();
    expect(await suite.leftovers(tenant)).toEqual([]);
    expect(await suite.words(tenant)).toEqual(RESTORED);
  });

  test('the driver leaves the prepared one alone, and removes it with its database', async () => {
    const tenant = await prepared();
    expect(await tenant.reconcile('active')).toEqual([]);
    expect(await suite.leftovers(tenant)).toEqual([preparedName(tenant.id)]);
    await tenant.reconcileUsers('absent');
    await tenant.reconcile('absent');
    expect(await suite.leftovers(tenant)).toEqual([]);
  });

  test('a suspended database is not opened by a swap', async () => {
    const tenant = await prepared();
    await backup().swap({ ...target(tenant), desired: 'suspended' }, signal);
    expect(await faultOf(suite.words(tenant))).toMatchObject({ code: '55000' });
  });

  test('a login that a crash left is dropped, and a user who is called like one is not', async () => {
    const tenant = await suite.tenantWithRows();
    const file = suite.file('left.dump');
    const abort = new AbortController();
    const holder = await connect(suite.dsn, tenant.as(tenant.writer));
    await holder.query('BEGIN; LOCK TABLE words');
    const dump = faultOf(backup().dump(subject(tenant), file, abort.signal));
    await expect.poll(() => suite.leftovers(tenant)).toHaveLength(1);
    // What the database driver does when it looks just then.
    await tenant.reconcile('active');
    const namesake = `by_${tenant.id.replaceAll('-', '')}_tmp_person`;
    await run(suite.dsn, {}, `CREATE ROLE ${namesake}`);
    await backup().cleanUp(subject(tenant), signal);
    expect(await suite.leftovers(tenant)).toEqual([namesake]);
    expect(await dump).toMatchObject({ code: 'backup.dump-failed' });
    await run(suite.dsn, {}, `DROP ROLE ${namesake}`);
    await holder.end();
  });
});
