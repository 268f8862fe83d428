import { isIP } from 'node:net';
import { Fault } from '../../kernel/fault.ts';

const DEFAULT_PORT = 6379;

/** In the client's own names. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { servername?: string };
}

/**
 * Parses `redis[s]://[user][:password]@host[:port][/database]`. Faults: `config.redis-url`, whose text never
 * repeats the address, for it may hold a password. Not left to the client, which takes every `?name=value` of
 * an address for a setting of its own, before ours.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw badUrl('must look like redis://host:6379 or rediss://user:password@host:6379/0');
  }
  if (parsed.search !== '' || parsed.hash !== '') throw badUrl('must end after the number of the database');
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(parsed.port || DEFAULT_PORT),
    db: parseDatabase(parsed.pathname),
    ...(parsed.username !== '' && { username: decode(parsed.username) }),
    ...(parsed.password !== '' && { password: decode(parsed.password) }),
    // By its name the server picks its certificate; an address is no name.
    ...(parsed.protocol === 'rediss:' && { tls: isIP(host) ? {} : { servername: host } }),
  };
}

function parseDatabase(path: string): number {
  const number = /^\/?(\d*)$/.exec(path)?.[1];
  if (number === undefined) throw badUrl('must end with the number of the database, or before it');
  return Number(number);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl('has a % in its user or password that must be written %25');
  }
}

function badUrl(what: string): Fault {
  return new Fault('config.redis-url', `REDIS_URL ${what}.`);
}
