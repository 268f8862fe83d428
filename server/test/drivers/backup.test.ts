import { existsSync } from 'node:fs';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { databaseRoles } from '../../src/domain/database.ts';
import { postgresBackup } from '../../src/drivers/postgres/backup/postgres-backup.ts';
import { preparedName } from '../../src/drivers/postgres/backup/restore-names.ts';
import { ClusterPool } from '../../src/drivers/postgres/cluster-pool.ts';
import {
  backupSuite,
  commandLines,
  faultOf,
  findDump,
  ownedBySuperuser,
  subject,
  target,
  waiting,
} from './support/backup-suite.ts';
import { clusterDsn, connect, failureCode, run } from './support/cluster-access.ts';
import { debianPrograms, SUPERUSER_PASSWORD } from './support/debian-cluster.ts';

const binDir = debianPrograms();

describe.skipIf(binDir === undefined)('dump and restore', () => {
  const suite = backupSuite(binDir ?? '');
  const { signal } = suite;

  test('everything comes back, and both logins can do what their level says', async () => {
    const tenant = await suite.tenantWithRows();
    const writer = tenant.as(tenant.writer);
    await run(
      suite.dsn,
      writer,
      'CREATE SCHEMA crypt',
      'CREATE EXTENSION pgcrypto SCHEMA crypt',
      'CREATE SCHEMA room',
      'CREATE TABLE room.things (id serial PRIMARY KEY, at uuid DEFAULT public.uuid_generate_v4(), secret bytea)',
      `INSERT INTO room.things (secret) SELECT crypt.digest('x', 'sha256') FROM generate_series(1, 1000)`,
      'CREATE VIEW room.count AS SELECT count(*)::int AS n FROM room.things',
      'CREATE MATERIALIZED VIEW room.kept AS SELECT * FROM words',
      `CREATE FUNCTION room.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'`,
      'CREATE SEQUENCE room.counter',
      `SELECT setval('room.counter', 77)`,
      'SET ROLE NONE',
      'CREATE TABLE own AS SELECT 1 AS one',
    );
    const file = suite.file('whole.dump');
    const { sizeBytes } = await suite.backup().dump(subject(tenant), file, signal);
    expect((await stat(file)).size).toBe(sizeBytes);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await run(suite.dsn, writer, 'DROP SCHEMA room CASCADE', `INSERT INTO words VALUES ('three')`);

    expect(await suite.backup().prepareRestore(target(tenant), file, signal)).toBe(preparedName(tenant.id));
    expect(await suite.words(tenant)).toEqual(['one', 'three', 'two']);
    const session = await connect(suite.dsn, writer);
    await suite.backup().swap(target(tenant), signal);
    await expect(session.query('SELECT 1')).rejects.toThrow();
    await suite.backup().swap(target(tenant), signal);
    expect(await suite.leftovers(tenant)).toEqual([]);
    expect(await ownedBySuperuser(suite.dsn, tenant.name)).toEqual([]);

    expect(await tenant.reconcile('active')).toEqual([]);
    expect(await tenant.reconcileUsers('active')).toBe(0);
    const reader = tenant.as(tenant.reader);
    expect(await suite.words(tenant)).toEqual(['one', 'two']);
    expect(await run(suite.dsn, reader, 'SELECT n FROM room.count')).toEqual([{ n: 1000 }]);
    expect(await run(suite.dsn, reader, 'SELECT one FROM own')).toEqual([{ one: 1 }]);
    expect(await failureCode(run(suite.dsn, reader, 'DELETE FROM words'))).toBe('42501');
    expect(await failureCode(run(suite.dsn, reader, 'CREATE TABLE mine ()'))).toBe('42501');
    const [seen] = await run(
      suite.dsn,
      writer,
      'ALTER TABLE room.things ADD more int',
      'INSERT INTO room.things DEFAULT VALUES',
      'CREATE TABLE made AS SELECT 1',
      `SELECT (SELECT max(id) FROM room.things) AS id, nextval('room.counter')::int AS counter,
              room.twice(21) AS twice, length(crypt.digest('x', 'sha256')) AS digest,
              pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname = 'made'`,
    );
    const { write } = databaseRoles(tenant.id);
    expect(seen).toEqual({ id: 1001, counter: 78, twice: 42, digest: 32, owner: write });
  });

  test('what is no whole dump, or fails, changes nothing', async () => {
    const tenant = await suite.tenantWithRows();
    const good = suite.file('good.dump');
    await suite.backup().dump(subject(tenant), good, signal);
    const bad: [file: string, code: string][] = [];
    const write = async (name: string, content: Buffer | string, code: string): Promise<void> => {
      await writeFile(suite.file(name), content);
      bad.push([suite.file(name), code]);
    };
    await write('empty', '', 'backup.not-a-dump');
    await write('garbage', Buffer.alloc(4096, 'garbage'), 'backup.not-a-dump');
    const plain = await suite.foreignDump('plain_text', 'plain', 'CREATE TABLE a (b int)');
    bad.push([plain, 'backup.not-a-dump']);
    const tar = await suite.foreignDump('tarred', 'tar', 'CREATE TABLE a (b int)');
    bad.push([tar, 'backup.not-a-dump']);
    const bytes = await readFile(good);
    for (const part of [0.1, 0.5, 0.9]) {
      await write(`part-${part}`, bytes.subarray(0, bytes.length * part), 'backup.not-a-dump');
    }
    const failing = await suite.foreignDump(
      'failing',
      'custom',
      'CREATE FUNCTION hook() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$',
      'CREATE EVENT TRIGGER hook ON ddl_command_end EXECUTE FUNCTION hook()',
    );
    bad.push([failing, 'backup.restore-failed']);
    for (const [file, code] of bad) {
      const error = await faultOf(suite.backup().prepareRestore(target(tenant), file, signal));
      expect({ file, code: error.code }).toEqual({ file, code });
      expect(error.message).not.toMatch(/\/tmp|postgresql:|127\.0\.0\.1/);
      expect(error.message).not.toContain(SUPERUSER_PASSWORD);
      expect(await suite.leftovers(tenant)).toEqual([]);
      expect(await faultOf(suite.backup().swap(target(tenant), signal))).toMatchObject({
        code: 'backup.not-prepared',
      });
    }
    expect(await suite.words(tenant)).toEqual(['one', 'two']);
    const error = await faultOf(suite.backup().prepareRestore(target(tenant), failing, signal));
    expect(error.message).toContain('permission denied to create event trigger "hook"');
  });

  test('a dump whose data is cut off is no whole dump', async () => {
    const tenant = await suite.tenantWithRows();
    const many = `INSERT INTO words SELECT md5(n::text) FROM generate_series(1, 100000) n`;
    await run(suite.dsn, tenant.as(tenant.writer), many);
    const file = suite.file('cut.dump');
    const { sizeBytes } = await suite.backup().dump(subject(tenant), file, signal);
    await truncate(file, Math.trunc(sizeBytes * 0.7));
    const error = await faultOf(suite.backup().prepareRestore(target(tenant), file, signal));
    expect(error).toMatchObject({ code: 'backup.not-a-dump' });
    expect(await suite.leftovers(tenant)).toEqual([]);
  });

  test('nothing of a superuser’s dump runs as superuser', async () => {
    const tenant = await suite.tenantWithRows();
    await run(suite.dsn, {}, 'CREATE ROLE mallory');
    const file = await suite.foreignDump(
      'hostile',
      'custom',
      'CREATE TABLE words (word text)',
      `INSERT INTO words VALUES ('hostile')`,
      `CREATE FUNCTION grab_really() RETURNS text LANGUAGE plpgsql AS $$
       BEGIN ALTER ROLE mallory SUPERUSER; RETURN 'grabbed';
       EXCEPTION WHEN insufficient_privilege THEN RETURN 'refused'; END $$`,
      // An index takes only what says that it is immutable, and that one may not change anything itself.
      `CREATE FUNCTION grab(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
       BEGIN RETURN public.grab_really(); END $$`,
      'CREATE INDEX grabbing ON words (grab(word))',
      'CREATE MATERIALIZED VIEW grabbed AS SELECT grab(word) AS outcome, session_user::text AS who FROM words',
      `CREATE FUNCTION definer() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user::text'`,
      'CREATE VIEW sight AS SELECT rolname FROM pg_authid',
      `SELECT lo_from_bytea(0, 'x')`,
      'GRANT ALL ON words TO mallory',
    );
    await run(suite.dsn, {}, 'ALTER ROLE mallory NOSUPERUSER');
    await suite.backup().prepareRestore(target(tenant), file, signal);
    await suite.backup().swap(target(tenant), signal);
    await tenant.reconcile('active');
    const writer = tenant.as(tenant.writer);
    const { write } = databaseRoles(tenant.id);
    expect(await run(suite.dsn, {}, `SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'`)).toEqual([
      { rolsuper: false },
    ]);
    const [grabbed] = await run(suite.dsn, writer, 'SELECT outcome, who FROM grabbed');
    expect(grabbed).toMatchObject({ outcome: 'refused', who: expect.stringMatching(/^by_\w+_tmp_\w{6}$/) });
    expect(await run(suite.dsn, writer, 'SELECT definer()')).toEqual([{ definer: write }]);
    expect(await failureCode(run(suite.dsn, writer, 'SELECT * FROM sight'))).toBe('42501');
    expect(await ownedBySuperuser(suite.dsn, tenant.name)).toEqual([]);
    expect(await suite.words(tenant)).toEqual(['hostile']);
  });

  test('statements planted into the archive run as the temporary login only', async () => {
    const tenant = await suite.tenantWithRows();
    await run(suite.dsn, {}, 'CREATE ROLE trudy');
    const holder = 'x'.repeat(120);
    const file = await suite.foreignDump(
      'planted',
      'custom',
      'CREATE TABLE words (word text)',
      `INSERT INTO words VALUES ('planted')`,
      `COMMENT ON TABLE words IS '${holder}'`,
    );
    const bytes = await readFile(file);
    const original = `COMMENT ON TABLE public.words IS '${holder}'`;
    const plant = async (name: string, statements: string): Promise<string> => {
      const at = bytes.indexOf(original);
      expect(at).toBeGreaterThan(0);
      const planted = Buffer.from(bytes);
      planted.write(statements.padEnd(original.length), at);
      await writeFile(suite.file(name), planted);
      return suite.file(name);
    };
    for (const statement of [
      'RESET ROLE; ALTER ROLE trudy SUPERUSER',
      'SET SESSION AUTHORIZATION postgres',
      `COPY public.words TO PROGRAM 'true'`,
      `COMMIT; ALTER DATABASE ${tenant.name} CONNECTION LIMIT 999`,
    ]) {
      const error = await faultOf(
        suite.backup().prepareRestore(target(tenant), await plant('refused', statement), signal),
      );
      expect(error).toMatchObject({
        code: 'backup.restore-failed',
        message: expect.stringMatching(/denied|must be/),
      });
      expect(await suite.leftovers(tenant)).toEqual([]);
    }
    const owned = await plant(
      'owned',
      'RESET ROLE; CREATE TABLE public.made_by_login (); SELECT lo_creat(-1)',
    );
    await suite.backup().prepareRestore(target(tenant), owned, signal);
    await suite.backup().swap(target(tenant), signal);
    expect(await tenant.reconcile('active')).toEqual([]);
    const { write } = databaseRoles(tenant.id);
    const owner = `SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_login'`;
    expect(await run(suite.dsn, { database: tenant.name }, owner)).toEqual([{ tableowner: write }]);
    expect(await ownedBySuperuser(suite.dsn, tenant.name)).toEqual([]);
    expect(await run(suite.dsn, {}, `SELECT rolsuper FROM pg_roles WHERE rolname = 'trudy'`)).toEqual([
      { rolsuper: false },
    ]);
  });

  test('only trusted or allowed extensions are made', async () => {
    const tenant = await suite.tenantWithRows();
    const file = await suite.foreignDump(
      'extended',
      'custom',
      'CREATE SCHEMA far',
      'CREATE EXTENSION dblink SCHEMA far',
      'CREATE EXTENSION earthdistance CASCADE',
      'CREATE TABLE places (at earth)',
    );
    for (const allowed of [[], ['dblink']]) {
      const error = await faultOf(suite.backup(allowed).prepareRestore(target(tenant), file, signal));
      expect(error).toMatchObject({ code: 'backup.extension-not-allowed' });
    }
    const allowing = suite.backup(['dblink', 'earthdistance']);
    await allowing.prepareRestore(target(tenant), file, signal);
    await allowing.cleanUp(subject(tenant), signal);
    expect(await suite.leftovers(tenant)).toEqual([]);
  });

  test('no argument of a program holds a password, and a dump that is called off leaves nothing', async () => {
    const tenant = await suite.tenantWithRows();
    const file = suite.file('held.dump');
    const holder = await connect(suite.dsn, tenant.as(tenant.writer));
    const abort = new AbortController();
    const dump = faultOf(suite.backup().dump(subject(tenant), file, abort.signal));
    try {
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE words');
      const pid = await vi.waitUntil(() => findDump(file), { timeout: 10_000 });
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      const password = /(?:^|\0)PGPASSWORD=([^\0]+)/.exec(environment)?.[1] ?? '';
      expect(password).toHaveLength(32);
      expect(environment).not.toContain(SUPERUSER_PASSWORD);
      for (const line of await commandLines()) {
        expect(line.text).not.toContain(password);
        expect(line.text).not.toContain(SUPERUSER_PASSWORD);
      }
      await vi.waitUntil(async () => (await waiting(suite.dsn)) > 0, { timeout: 10_000 });
    } finally {
      abort.abort(new Error('called off'));
      await dump;
      await holder.end();
    }
    expect((await dump).message).toBe('called off');
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
    expect(await suite.leftovers(tenant)).toEqual([]);
  });

  test('capability says what to install or set', async () => {
    expect(await suite.backup().capability(signal)).toEqual({ available: true });
    const options = { dsn: suite.dsn, binDir: '/nowhere', allowedExtensions: [] };
    const absent = await postgresBackup(suite.pool, options).capability(signal);
    expect(absent).toMatchObject({
      reason: expect.stringMatching(/^pg_dump was not found\. Install .* PG_BIN_DIR/),
    });
    const pool = new ClusterPool({ dsn: clusterDsn() });
    const newer = postgresBackup(pool, { ...options, binDir: binDir ?? '' });
    const old = await newer.capability(signal).finally(() => pool.end());
    expect(old).toMatchObject({
      available: false,
      reason: expect.stringMatching(/is older than the Postgres/),
    });
  });
});
