/**
 * The only reader of the environment. Every mistake in it is collected, so that a person mends all of them
 * in one go.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RoleLimits } from '../domain/user.ts';
import { Fault } from '../kernel/fault.ts';
import type { ManagedPostgresSettings } from '../operations/context.ts';
import { type IdentityConfig, readIdentity } from './config-identity.ts';
import { ConfigReader, type Environment } from './config-reader.ts';

export interface Config {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** `null`: the embedded Postgres. */
  readonly databaseUrl: string | null;
  /** `null`: the cluster of `databaseUrl`. */
  readonly adminDsn: string | null;
  /** `null`: made at the first start and kept in the data directory. */
  readonly secretKey: string | null;
  readonly earlierSecretKeys: readonly string[];
  readonly jwtSecret: string | null;
  readonly admin: { readonly username: string; readonly password: string | null };
  readonly rateLimits: RoleLimits;
  readonly identity: IdentityConfig;
  /** Host and port are `null` where they follow the admin DSN. */
  readonly postgres: Omit<ManagedPostgresSettings, 'connectionHost' | 'connectionPort'> & {
    readonly connectionHost: string | null;
    readonly connectionPort: number | null;
  };
  /** How many databases are made in advance. */
  readonly spareDatabases: number;
  readonly lookIntervalMs: number;
  readonly concurrency: number;
  readonly backups: {
    readonly dir: string;
    readonly retentionDays: number;
    /** Where pg_dump and pg_restore are; `null`: on the PATH. */
    readonly binDir: string | null;
    /** Extensions beyond the trusted ones that a restored dump may need. */
    readonly allowedExtensions: readonly string[];
  };
  readonly log: { readonly level: string; readonly pretty: boolean };
  readonly failPoint: string | null;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const INTERVAL = /^(0|[1-9][0-9]{0,9}(ms|s|min|h|d)?)$/;
const EXTENSION = /^[a-z0-9_-]{1,63}$/;

/** Reads `.env` (real variables win) and the environment. Faults with `config.invalid`: one line for each mistake. */
export function loadConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return parseConfig(process.env);
}

/** The configuration that an environment asks for. Faults with `config.invalid`. */
export function parseConfig(env: Environment): Config {
  const read = new ConfigReader(env);
  const databaseUrl = read.postgresUrl('DATABASE_URL', 'APP_DB_DSN');
  const dataDir = resolve(read.text('BACKYARD_DATA_DIR') ?? '.backyard');
  const config: Config = {
    dataDir,
    host: read.text('BACKYARD_HOST') ?? '127.0.0.1',
    port: read.integer('BACKYARD_PORT', 8080, 0, 65_535),
    databaseUrl,
    adminDsn: read.postgresUrl('PG_ADMIN_DSN'),
    secretKey: readSecretKey(read, databaseUrl !== null),
    earlierSecretKeys: read.list('SECRET_KEY_PREVIOUS'),
    jwtSecret: read.secret('JWT_SECRET'),
    admin: readAdmin(read),
    rateLimits: {
      user: {
        perSecond: read.integer('DEFAULT_RATE_LIMIT_PER_SECOND', 10, 1, 10_000),
        burst: read.integer('DEFAULT_RATE_LIMIT_BURST', 20, 1, 100_000),
      },
      admin: {
        perSecond: read.integer('ADMIN_RATE_LIMIT_PER_SECOND', 100, 1, 10_000),
        burst: read.integer('ADMIN_RATE_LIMIT_BURST', 200, 1, 100_000),
      },
    },
    identity: readIdentity(read),
    postgres: readPostgres(read),
    spareDatabases: read.integer('BACKYARD_SPARE_DATABASES', 2, 0, 100),
    lookIntervalMs: read.integer('BACKYARD_RECONCILE_INTERVAL', 60, 1, 86_400) * 1000,
    concurrency: read.integer('BACKYARD_RECONCILE_CONCURRENCY', 8, 1, 100),
    backups: readBackups(read, dataDir),
    log: readLog(read),
    failPoint: read.text('BACKYARD_FAIL_POINT'),
  };
  if (read.mistakes.length > 0) throw invalid(read.mistakes);
  return config;
}

function invalid(mistakes: readonly string[]): Fault {
  const intro =
    mistakes.length === 1 ? 'The configuration has a mistake:' : 'The configuration has mistakes:';
  return new Fault('config.invalid', [intro, ...mistakes.map((line) => `  - ${line}`)].join('\n'), {
    mistakes,
  });
}

function readBackups(read: ConfigReader, dataDir: string): Config['backups'] {
  return {
    dir: resolve(read.text('BACKUP_DIR') ?? join(dataDir, 'backups')),
    retentionDays: read.integer('BACKUP_RETENTION_DAYS', 7, 1, 36_500),
    binDir: read.text('PG_BIN_DIR'),
    allowedExtensions: [...new Set(['uuid-ossp', 'vector', ...read.list('PGWEB_ALLOWED_EXTENSIONS')])],
  };
}

function readLog(read: ConfigReader): Config['log'] {
  const format = read.oneOf('LOG_FORMAT', ['pretty', 'json', 'auto'], 'auto');
  return {
    level: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    pretty: format === 'auto' ? process.stderr.isTTY === true : format === 'pretty',
  };
}

function readSecretKey(read: ConfigReader, required: boolean): string | null {
  const key = read.secret('SECRET_KEY', 'SESSION_SECRET_KEY');
  if (required && read.text('SECRET_KEY', 'SESSION_SECRET_KEY') === null) {
    read.mistakes.push(
      'SECRET_KEY is required when DATABASE_URL is set: it seals the secrets in that database. ' +
        'Make one with `openssl rand -base64 32` and keep it safe.',
    );
  }
  return key;
}

function readAdmin(read: ConfigReader): Config['admin'] {
  const username = read.text('BACKYARD_ADMIN_USERNAME') ?? 'admin';
  const password = read.text('BACKYARD_ADMIN_PASSWORD');
  if (!/^[^\p{Cc}]{3,50}$/u.test(username)) {
    read.mistakes.push('BACKYARD_ADMIN_USERNAME must have 3 to 50 characters.');
  }
  if (password !== null && (password.length < 8 || password === 'admin')) {
    read.mistakes.push('BACKYARD_ADMIN_PASSWORD must have at least 8 characters.');
  }
  return { username, password };
}

function readPostgres(read: ConfigReader): Config['postgres'] {
  const extra = read.list('PGWEB_ALLOWED_EXTENSIONS');
  const odd = extra.filter((name) => !EXTENSION.test(name));
  if (odd.length > 0) {
    read.mistakes.push(`PGWEB_ALLOWED_EXTENSIONS has names that no extension can have: ${odd.join(', ')}.`);
  }
  const port = read.text('PGWEB_CONNECTION_PORT');
  return {
    connectionHost: read.text('PGWEB_CONNECTION_HOST'),
    connectionPort: port === null ? null : read.integer('PGWEB_CONNECTION_PORT', 5432, 1, 65_535),
    sslMode: read.oneOf(
      'PGWEB_CONNECTION_SSLMODE',
      ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
      'prefer',
    ),
    maxDatabasesPerOwner: read.integer('PGWEB_MAX_DATABASES_PER_OWNER', 100, 0, 1_000_000),
    maxUsersPerDatabase: read.integer('PGWEB_MAX_USERS_PER_DATABASE', 50, 0, 1_000_000),
    userConnectionLimit: read.integer('PGWEB_USER_CONNECTION_LIMIT', 20, 1, 100_000),
    databaseConnectionLimit: read.integer('PGWEB_DATABASE_CONNECTION_LIMIT', 50, 1, 100_000),
    statementTimeout: read.pattern('PGWEB_STATEMENT_TIMEOUT', '120s', INTERVAL, 'a time like 120s or 5min'),
    idleTransactionTimeout: read.pattern(
      'PGWEB_IDLE_TRANSACTION_TIMEOUT',
      '10min',
      INTERVAL,
      'a time like 30s or 10min',
    ),
    extensions: [...new Set(['uuid-ossp', 'vector', ...extra])],
    retentionDays: read.integer('DATABASE_RETENTION_DAYS', 7, 0, 36_500),
    restoreMaxBytes: read.integer('PGWEB_RESTORE_MAX_BYTES', 1_073_741_824, 1, 1_099_511_627_776),
  };
}
