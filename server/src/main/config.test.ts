import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../kernel/fault.ts';
import { parseConfig } from './config.ts';

const KEY = 'Q7v9Zx2pL4k8Wm3rT6y1Bn5cHj0dFg+/uA==';
const URL_OF_DATABASE = 'postgresql://backyard:s3same@db.example.org:5433/backyard';

function mistakesOf(env: Record<string, string>): string[] {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toMatchObject({ code: 'config.invalid' });
    return (error as Fault).details.mistakes as string[];
  }
  return [];
}

describe('the configuration', () => {
  test('of an empty environment is the embedded one', () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      dataDir: join(process.cwd(), '.backyard'),
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: null,
      adminDsn: null,
      secretKey: null,
      admin: { username: 'admin', password: null },
      postgres: {
        connectionHost: null,
        connectionPort: null,
        sslMode: 'prefer',
        maxDatabasesPerOwner: 100,
        maxUsersPerDatabase: 50,
        userConnectionLimit: 20,
        databaseConnectionLimit: 50,
        statementTimeout: '120s',
        idleTransactionTimeout: '10min',
        extensions: ['uuid-ossp', 'vector'],
        retentionDays: 7,
      },
    });
  });

  test('takes an empty variable for an unset one, as compose files make them', () => {
    const names = ['DATABASE_URL', 'SECRET_KEY', 'BACKYARD_PORT', 'LOG_LEVEL', 'PGWEB_CONNECTION_PORT'];
    const empty = Object.fromEntries(names.flatMap((name) => [[name, name === 'LOG_LEVEL' ? ' ' : '']]));
    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });

  test('reads its lists, and keeps the extensions that always belong to it', () => {
    const config = parseConfig({ PGWEB_ALLOWED_EXTENSIONS: ' pg_trgm , vector,,citext ' });
    expect(config.postgres.extensions).toEqual(['uuid-ossp', 'vector', 'pg_trgm', 'citext']);
  });

  test('every mistake is told at once, in a sentence that names its variable', () => {
    const wrong = {
      BACKYARD_PORT: '99999',
      BACKYARD_ADMIN_USERNAME: 'ab',
      BACKYARD_ADMIN_PASSWORD: 'admin',
      DATABASE_URL: 'mysql://root:s3same@db/backyard',
      PG_ADMIN_DSN: 's3same',
      SECRET_KEY: 'short',
      JWT_SECRET: 'a'.repeat(40),
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      DEFAULT_RATE_LIMIT_PER_SECOND: '0',
      ADMIN_RATE_LIMIT_BURST: '1.5',
      PGWEB_CONNECTION_PORT: '0',
      PGWEB_CONNECTION_SSLMODE: 'maybe',
      PGWEB_MAX_DATABASES_PER_OWNER: '-1',
      PGWEB_USER_CONNECTION_LIMIT: 'many',
      PGWEB_STATEMENT_TIMEOUT: '2 minutes; drop',
      PGWEB_IDLE_TRANSACTION_TIMEOUT: '-1s',
      PGWEB_ALLOWED_EXTENSIONS: 'vector,Drop Table',
      DATABASE_RETENTION_DAYS: 'x',
      BACKYARD_RECONCILE_INTERVAL: '0',
      BACKYARD_RECONCILE_CONCURRENCY: '1000',
    };
    const mistakes = mistakesOf(wrong);
    for (const name of Object.keys(wrong)) {
      expect(
        mistakes.filter((line) => line.startsWith(`${name} `)),
        name,
      ).toHaveLength(1);
    }
    expect(mistakes).toHaveLength(Object.keys(wrong).length);
    expect(mistakes.every((line) => line.endsWith('.'))).toBe(true);
    const text = ['The configuration has mistakes:', ...mistakes.map((line) => `  - ${line}`)].join('\n');
    expect(() => parseConfig(wrong)).toThrow(expect.objectContaining({ message: text }));
    expect(mistakes.join()).not.toContain('s3same');
  });

  test('no mistake repeats a secret', () => {
    const secrets = fc.string({ unit: 'grapheme-ascii', minLength: 6 }).map((text) => `s3same${text.trim()}`);
    fc.assert(
      fc.property(secrets, (secret) => {
        const env = {
          DATABASE_URL: secret,
          PG_ADMIN_DSN: secret,
          SECRET_KEY: secret.slice(0, 31),
          JWT_SECRET: secret.slice(0, 31),
          BACKYARD_ADMIN_PASSWORD: 's3same',
        };
        expect(mistakesOf(env).join()).not.toContain('s3same');
      }),
    );
  });
});

describe('connection strings', () => {
  test('the old names are read, the new ones win', () => {
    const old = { APP_DB_DSN: URL_OF_DATABASE, SESSION_SECRET_KEY: KEY };
    expect(parseConfig(old)).toMatchObject({ databaseUrl: URL_OF_DATABASE, secretKey: KEY });
    const both = { ...old, DATABASE_URL: 'postgres://new/db', SECRET_KEY: `${KEY}new` };
    expect(parseConfig(both)).toMatchObject({ databaseUrl: 'postgres://new/db', secretKey: `${KEY}new` });
    expect(
      mistakesOf({ APP_DB_DSN: 'x', SESSION_SECRET_KEY: 'y' }).map((line) => line.split(' ')[0]),
    ).toEqual(['APP_DB_DSN', 'SESSION_SECRET_KEY']);
  });

  test('the suffix of a Python driver is taken off', () => {
    const env = { DATABASE_URL: 'postgresql+asyncpg://u:p@h/d', SECRET_KEY: KEY };
    expect(parseConfig(env).databaseUrl).toBe('postgresql://u:p@h/d');
  });
});

describe('keys', () => {
  test('a database of ones own needs a key of ones own', () => {
    expect(mistakesOf({ DATABASE_URL: URL_OF_DATABASE })).toEqual([
      expect.stringMatching(/^SECRET_KEY is required .*openssl rand -base64 32/),
    ]);
    expect(mistakesOf({ DATABASE_URL: URL_OF_DATABASE, SECRET_KEY: KEY })).toEqual([]);
  });

  test.each([
    ['31 bytes', 'Q7v9Zx2pL4k8Wm3rT6y1Bn5cHj0dFg+', 'at least 32 bytes'],
    ['one letter', 'a'.repeat(64), 'easy to guess'],
    ['seven letters', 'abcdefg'.repeat(10), 'easy to guess'],
    ['a published one', 'change-me-change-me-change-me-change-me', 'example'],
    ['another', 'your-secret-key-here-0123456789-xyz', 'example'],
    ['a third', 'super-secret-password-for-backyard-42', 'example'],
  ])('%s is refused, also where none is needed', (_what, key, why) => {
    for (const name of ['SECRET_KEY', 'JWT_SECRET']) {
      const [mistake = ''] = mistakesOf({ [name]: key });
      expect(mistake).toContain(name);
      expect(mistake).toContain(why);
      expect(mistake).not.toContain(key);
    }
  });

  test('earlier keys are a list', () => {
    expect(parseConfig({ SECRET_KEY_PREVIOUS: 'one, two' }).earlierSecretKeys).toEqual(['one', 'two']);
  });
});

describe('.env', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'h6-env-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** The configuration of a process that runs in the directory. */
  function load(env: Record<string, string>): { host: string; port: number } {
    const script = `
      const { loadConfig } = await import(${JSON.stringify(join(import.meta.dirname, 'config.ts'))});
      process.stdout.write(JSON.stringify(loadConfig()));`;
    const args = ['--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: dir,
      env,
      encoding: 'utf8',
      timeout: 9_000,
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  }

  test('is read where there is one, and real variables win', async () => {
    expect(load({})).toMatchObject({ host: '127.0.0.1', port: 8080 });
    await writeFile(
      join(dir, '.env'),
      '# a comment\nBACKYARD_HOST=0.0.0.0\nexport BACKYARD_PORT="9001" # quoted\n',
    );
    expect(load({})).toMatchObject({ host: '0.0.0.0', port: 9001 });
    expect(load({ BACKYARD_PORT: '9002' })).toMatchObject({ host: '0.0.0.0', port: 9002 });
  });
});
