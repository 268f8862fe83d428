import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigFault } from './config-fault.ts';
import { type ReadOptions, readSettings } from './read-settings.ts';

const LEAST = 'db-uri = "postgres://a:b@h/d"\ndb-anon-role = "anon"\n';
const SECRET = 'x'.repeat(32);

async function tenant(text: string, options?: ReadOptions) {
  return (await readSettings(LEAST + text, options)).tenant;
}

async function server(text: string) {
  return (await readSettings(LEAST + text)).server;
}

test("the defaults are PostgREST's", async () => {
  expect(await readSettings(LEAST)).toEqual({
    warnings: [],
    server: {
      host: '!4',
      port: 3000,
      unixSocket: null,
      unixSocketMode: 0o660,
      adminPort: null,
      adminHost: '!4',
      logLevel: 'error',
    },
    tenant: {
      dbUri: 'postgres://a:b@h/d',
      dbSchemas: ['public'],
      dbAnonRole: 'anon',
      dbPool: 10,
      dbPoolAcquisitionTimeoutMs: 10_000,
      dbPoolMaxIdleMs: 30_000,
      dbPoolMaxLifetimeMs: 1_800_000,
      dbMaxRows: null,
      dbPreRequest: null,
      dbRootSpec: null,
      dbExtraSearchPath: ['public'],
      dbTxEnd: 'commit',
      dbAggregatesEnabled: false,
      dbPlanEnabled: false,
      dbPreparedStatements: true,
      dbChannelEnabled: true,
      dbChannel: 'pgrst',
      dbHoistedTxSettings: [
        'statement_timeout',
        'plan_filter.statement_cost_limit',
        'default_transaction_isolation',
      ],
      jwtSecret: null,
      jwtAud: null,
      jwtRoleClaimKey: '.role',
      jwtCacheMaxEntries: 1000,
      openapiMode: 'follow-privileges',
      openapiSecurityActive: false,
      openapiServerProxyUri: null,
      serverCorsAllowedOrigins: null,
      serverTraceHeader: null,
      serverTimingEnabled: false,
      appSettings: {},
    },
  });
});

test('every kind of value', async () => {
  const text = `db-schemas = "api, v2"
db-extra-search-path = ""
db-pool = "3"
db-pool-acquisition-timeout = 2
db-max-rows = 100
db-tx-end = "rollback-allow-override"
db-aggregates-enabled = "True"
db-prepared-statements = off
jwt-secret = "${SECRET}"
jwt-secret-is-base64 = "0"
jwt-aud = "https://example.org"
server-cors-allowed-origins = "http://a.org, http://b.org"
openapi-mode = "disabled"
openapi-server-proxy-uri = "https://example.org:8443/base"
app.settings.key = "value"
app.settings.number = 5
`;
  expect(await tenant(text)).toMatchObject({
    dbSchemas: ['api', 'v2'],
    dbExtraSearchPath: [],
    dbPool: 3,
    dbPoolAcquisitionTimeoutMs: 2_000,
    dbMaxRows: 100,
    dbTxEnd: 'rollback-allow-override',
    dbAggregatesEnabled: true,
    dbPreparedStatements: false,
    jwtSecret: { text: SECRET, isBase64: false },
    jwtAud: 'https://example.org',
    serverCorsAllowedOrigins: ['http://a.org', 'http://b.org'],
    openapiMode: 'disabled',
    openapiServerProxyUri: 'https://example.org:8443/base',
    appSettings: { 'app.settings.key': 'value', 'app.settings.number': '5' },
  });
});

test('old names count', async () => {
  const old = `db-schema = "old"
max-rows = 7
pre-request = "check"
root-spec = "spec"
db-pool-timeout = 4
role-claim-key = ".a.b"
jwt-secret = "${Buffer.from(SECRET).toString('base64')}"
secret-is-base64 = true
`;
  expect(await tenant(old)).toMatchObject({
    dbSchemas: ['old'],
    dbMaxRows: 7,
    dbPreRequest: 'check',
    dbRootSpec: 'spec',
    dbPoolMaxIdleMs: 4_000,
    dbPoolAcquisitionTimeoutMs: 10_000,
    jwtRoleClaimKey: '.a.b',
    jwtSecret: { isBase64: true },
  });
  expect(await tenant('db-max-rows = 1\nmax-rows = 2')).toMatchObject({ dbMaxRows: 1 });
});

test('the environment beats the file, when it is handed in', async () => {
  const environment = {
    PGRST_DB_SCHEMAS: 'env',
    PGRST_DB_POOL: '2',
    PGRST_DB_CHANNEL_ENABLED: 'false',
    PGRST_ADMIN_SERVER_PORT: '3009',
    PGRST_APP_SETTINGS_a: 'env',
  };
  const settings = await readSettings(`${LEAST}db-schemas = "file"\napp.settings.a = "file"`, {
    environment,
  });
  expect(settings.server.adminPort).toBe(3009);
  expect(settings.tenant).toMatchObject({
    dbSchemas: ['env'],
    dbPool: 2,
    dbChannelEnabled: false,
    appSettings: { 'app.settings.a': 'env' },
  });
  expect(await tenant('db-schemas = "file"')).toMatchObject({ dbSchemas: ['file'] });
});

test('the server', async () => {
  const text = `server-host = "127.0.0.1"
server-port = 0
admin-server-port = 3001
server-unix-socket = "/run/x.sock"
server-unix-socket-mode = "600"
log-level = "debug"
`;
  expect(await server(text)).toEqual({
    host: '127.0.0.1',
    port: 0,
    unixSocket: '/run/x.sock',
    unixSocketMode: 0o600,
    adminPort: 3001,
    adminHost: '127.0.0.1',
    logLevel: 'debug',
  });
});

test('unknown keys, keys without effect and odd numbers are told', async () => {
  const text = 'db-scemas = "x"\ndb-pre-config = "f"\nlog-query = false\ndb-pool = 0\ndb-max-rows = "many"\n';
  const { warnings, tenant: read } = await readSettings(LEAST + text);
  expect(warnings).toEqual([
    'the key db-scemas is unknown and ignored',
    'the key db-pre-config has no effect here',
    'db-pool is no whole number from 1 on, so it is ignored',
    'db-max-rows is no whole number from 0 on, so it is ignored',
  ]);
  expect(read).toMatchObject({ dbPool: 10, dbMaxRows: null });
});

test.each([
  ['db-tx-end = "never"', 'db-tx-end must be one of commit, '],
  ['log-level = "loud"', 'log-level must be one of crit, '],
  ['openapi-mode = "x"', 'openapi-mode must be one of'],
  ['openapi-server-proxy-uri = "example"', 'openapi-server-proxy-uri must be like'],
  ['db-schemas = "api, pg_catalog"', 'db-schemas does not allow the schema pg_catalog'],
  ['db-schemas = ","', 'db-schemas names no schema'],
  ['jwt-secret = "short"', 'jwt-secret must be at least 32 characters long'],
  ['jwt-secret = "%%%"\njwt-secret-is-base64 = true', 'jwt-secret is no base64'],
  ['jwt-aud = "a b:c"', 'jwt-aud must be'],
  ['admin-server-port = 3000', 'admin-server-port cannot be the same as server-port'],
  ['server-unix-socket-mode = "888"', 'server-unix-socket-mode must be octal'],
  ['server-unix-socket-mode = "500"', 'server-unix-socket-mode must be octal'],
  ['jwt-secret = "@/etc/hostname"', 'jwt-secret begins with @'],
])('%s is refused', async (text, message) => {
  const reading = readSettings(LEAST + text);
  await expect(reading).rejects.toThrow(ConfigFault);
  await expect(reading).rejects.toThrow(message);
});

test('what a request needs must be there, unless the caller is lenient', async () => {
  await expect(readSettings('db-anon-role = "a"')).rejects.toThrow('db-uri is missing');
  await expect(readSettings('db-uri = "postgres://"')).rejects.toThrow('neither db-anon-role nor jwt-secret');
  const { tenant: read, warnings } = await readSettings('', { isLenient: true });
  expect(read.dbUri).toBe('postgresql://');
  expect(warnings).toEqual(['neither db-anon-role nor jwt-secret is set, so nobody can make a request']);
});

test('a key set of JSON needs no length', async () => {
  const read = await tenant(String.raw`jwt-secret = "{\"keys\":[]}"`);
  expect(read.jwtSecret).toEqual({ text: '{"keys":[]}', isBase64: false });
});

test('files are read where that is allowed, and their absence is told without their name', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'backyard-config-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'uri'), ' postgres://file/x \n');
  await writeFile(join(dir, 'secret'), `${SECRET}\n`);
  const text = `db-uri = "@${dir}/uri"\njwt-secret = "@${dir}/secret"`;
  const read = await tenant(text, { allowsFiles: true });
  expect(read).toMatchObject({
    dbUri: 'postgres://file/x',
    jwtSecret: { text: SECRET, isBase64: false },
  });
  await expect(tenant(`jwt-secret = "@${dir}/none"`, { allowsFiles: true })).rejects.toThrow(
    'the file that jwt-secret names cannot be read (ENOENT)',
  );
});
