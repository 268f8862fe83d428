/** `db-uri` → what node-postgres needs, without its own looks at environment and files. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';
import { ConfigFault } from '../config/config-fault.ts';
import { type ConnectionParameters, parseConnectionString } from './connection-string.ts';

export interface ConnectionTrust {
  /**
   * The operator of this process wrote `db-uri`: libpq's `PG…` variables fill gaps, and certificates are read from
   * files. For a tenant's own text neither holds.
   */
  readonly isOperators: boolean;
}

const FILE_KEYS = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'sslpassword', 'passfile', 'service'];
const KEEP_ALIVE_MS = 10_000;

/** Throws `ConfigFault`. */
export function connectionConfig(dbUri: string, trust: ConnectionTrust): pg.ClientConfig {
  const parameters = parseConnectionString(dbUri);
  if (!trust.isOperators) refuseForeignReads(parameters);
  const host = parameters.get('hostaddr') ?? parameters.get('host');
  if (host?.includes(',')) throw new ConfigFault('db-uri names several hosts, which is not supported');
  const user = parameters.get('user');
  if (user === undefined && !trust.isOperators) throw new ConfigFault('db-uri names no user');
  const known = trust.isOperators
    ? { user, host, port: parsePort(parameters.get('port')), password: parameters.get('password') }
    : {
        user,
        host: host ?? 'localhost',
        port: parsePort(parameters.get('port')) ?? 5432,
        // An absent one would be looked for in PGPASSWORD and ~/.pgpass.
        password: parameters.get('password') ?? (() => ''),
      };
  return {
    ...withoutGaps(known),
    ...withoutGaps({ database: parameters.get('dbname') ?? (trust.isOperators ? undefined : user) }),
    ...withoutGaps({ options: parameters.get('options') }),
    application_name:
      parameters.get('application_name') ?? parameters.get('fallback_application_name') ?? 'backyard-rest',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    ...withoutGaps({ ssl: tlsOptions(parameters, trust) }),
  };
}

function refuseForeignReads(parameters: ConnectionParameters): void {
  for (const key of FILE_KEYS) {
    if (!parameters.has(key) || parameters.get(key) === 'system') continue;
    throw new ConfigFault(`db-uri sets ${key}, which is not allowed here`);
  }
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new ConfigFault('db-uri has a port that is no port');
  return port;
}

/**
 * As libpq, but that `prefer` and `allow`, which decide while connecting, connect in the clear.
 * `undefined` leaves the choice to PGSSLMODE.
 */
function tlsOptions(
  parameters: ConnectionParameters,
  { isOperators }: ConnectionTrust,
): ConnectionOptions | false | undefined {
  const mode = parameters.get('sslmode') ?? (parameters.get('ssl') === 'true' ? 'require' : undefined);
  const files = certificates(parameters);
  switch (mode) {
    case undefined:
      return isOperators ? undefined : false;
    case 'disable':
    case 'allow':
    case 'prefer':
      return false;
    case 'require':
      // libpq checks the chain as soon as there is something to check it against.
      return { rejectUnauthorized: files.ca !== undefined, checkServerIdentity: anyName, ...files };
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: anyName, ...files };
    case 'verify-full':
      return { rejectUnauthorized: true, ...files };
    default:
      throw new ConfigFault('db-uri has an unknown sslmode');
  }
}

function anyName(): undefined {
  return undefined;
}

function certificates(parameters: ConnectionParameters): Pick<ConnectionOptions, 'ca' | 'cert' | 'key'> {
  const read = (key: string) => {
    const path = parameters.get(key);
    if (path === undefined || path === 'system') return undefined;
    try {
      return readFileSync(path);
    } catch {
      throw new ConfigFault(`the file that ${key} of db-uri names cannot be read`);
    }
  };
  return withoutGaps({ ca: read('sslrootcert'), cert: read('sslcert'), key: read('sslkey') });
}

type WithoutGaps<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutGaps<T extends object>(values: T): WithoutGaps<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as WithoutGaps<T>;
}
