import { describe, expect, test } from 'vitest';
import type { Database } from '../../domain/database.ts';
import type { PgUser } from '../../domain/pg-user.ts';
import type { ManagedPostgresSettings } from '../../operations/context.ts';
import { presentConnectionWithPassword, presentDatabase, presentPgUser } from './present.ts';

const settings: ManagedPostgresSettings = {
  connectionHost: 'db.example.org',
  connectionPort: 6432,
  sslMode: 'require',
  maxDatabasesPerOwner: 100,
  maxUsersPerDatabase: 50,
  userConnectionLimit: 20,
  databaseConnectionLimit: 50,
  statementTimeout: '120s',
  idleTransactionTimeout: '10min',
  extensions: [],
  retentionDays: 7,
  restoreMaxBytes: 1_000,
};

const database: Database = {
  id: '2f1b8d3e-0c1a-4b6e-9a3c-0123456789ab',
  kind: 'database',
  rootId: '2f1b8d3e-0c1a-4b6e-9a3c-0123456789ab',
  ownerId: 7,
  name: '1-shop',
  desired: 'active',
  spec: { connectionLimit: 50, extensions: ['vector'], deletedAt: null, purgeAfter: null },
  status: {
    open: true,
    extensions: ['uuid-ossp'],
    sizeBytes: 7,
    connections: 0,
    observedAt: '2026-01-02T03:04:05.000Z',
  },
  generation: 1,
  observedGeneration: 1,
  conditions: [],
  createdAt: new Date('2026-01-02T03:04:05Z'),
  updatedAt: new Date('2026-01-02T03:04:06Z'),
};

const user: PgUser = {
  ...database,
  id: '3f1b8d3e-0c1a-4b6e-9a3c-0123456789ab',
  kind: 'pg_user',
  rootId: database.id,
  name: 'ada',
  spec: {
    permissionLevel: 'write',
    connectionLimit: 20,
    statementTimeout: '120s',
    idleTransactionTimeout: '10min',
    passwordVersion: 1,
    sessionsEndedBefore: null,
  },
  status: { login: 'ada_x7k2p' },
};

const owner = { id: 7, uuid: '00000000-0000-4000-8000-000000000007', email: null };

describe('databases and users on the wire', () => {
  test('a database shows the extensions that are there, not those that were asked for', () => {
    expect(presentDatabase(database, owner, settings)).toEqual({
      database_id: database.id,
      owner_user_id: owner.uuid,
      owner_email: '',
      pg_database_name: '1-shop',
      status: 'active',
      created_at: '2026-01-02T03:04:05.000Z',
      updated_at: '2026-01-02T03:04:06.000Z',
      deleted_at: null,
      purge_after: null,
      extensions: ['uuid-ossp'],
      connection: { host: 'db.example.org', port: 6432, database: '1-shop' },
    });
    expect(presentDatabase({ ...database, status: null }, owner, settings).extensions).toEqual([]);
  });

  test('a user keeps the name that was asked for and connects with the role that it got', () => {
    const shown = presentPgUser(database, user, settings);
    expect(shown).toMatchObject({ pg_username: 'ada', status: 'active', permission_level: 'write' });
    expect(shown.connection).toEqual({
      host: 'db.example.org',
      port: 6432,
      database: '1-shop',
      user: 'ada_x7k2p',
      uri: 'postgresql://ada_x7k2p@db.example.org:6432/1-shop?sslmode=require',
    });
    const before = presentPgUser(database, { ...user, status: null }, settings);
    expect(before.connection.user).toBe('ada');
  });

  test('the URI with a password is one that the URL rules read back', () => {
    const password = 'a/b@c:d?e#f%g';
    const { uri, ...rest } = presentConnectionWithPassword(database, user, settings, password);
    const url = new URL(uri);
    expect(decodeURIComponent(url.password)).toBe(password);
    expect([url.username, url.host, url.pathname, url.search]).toEqual([
      'ada_x7k2p',
      'db.example.org:6432',
      '/1-shop',
      '?sslmode=require',
    ]);
    expect(rest).toMatchObject({ password, user: 'ada_x7k2p' });
  });

  test('an IPv6 host is put into brackets', () => {
    const shown = presentPgUser(database, user, { ...settings, connectionHost: '::1' });
    expect(new URL(shown.connection.uri).host).toBe('[::1]:6432');
    expect(shown.connection.host).toBe('::1');
  });
});
