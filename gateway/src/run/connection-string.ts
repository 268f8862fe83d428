/** libpq's connection strings, as URI or as keyword/value pairs. */
import { ConfigFault } from '../config/config-fault.ts';

/** Parameters by libpq's names: `host`, `port`, `dbname`, `user`, `password`, `sslmode` … */
export type ConnectionParameters = ReadonlyMap<string, string>;

/** Follows libpq's own reading, so a password may hold `?` and `#` unescaped. Throws `ConfigFault`. */
export function parseConnectionString(text: string): ConnectionParameters {
  const uri = /^postgres(?:ql)?:\/\/(.*)$/s.exec(text);
  if (uri?.[1] !== undefined) return parseUri(uri[1]);
  if (text.includes('=')) return parsePairs(text);
  throw new ConfigFault('db-uri is neither a postgres:// URI nor a list of key=value');
}

const URI = /^(?:([^@/]*)@)?(\[[^\]]*\]|[^:/?[\]]*)(?::([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/s;

function parseUri(rest: string): ConnectionParameters {
  const match = URI.exec(rest);
  if (match === null) throw new ConfigFault('db-uri is no valid URI');
  const [, login, host = '', port = '', dbname = '', query = ''] = match;
  const parameters = new Map<string, string>();
  const put = (name: string, text: string) => {
    if (text !== '') parameters.set(name, decode(text));
  };
  if (login !== undefined) {
    const colon = login.indexOf(':');
    put('user', colon < 0 ? login : login.slice(0, colon));
    if (colon >= 0) put('password', login.slice(colon + 1));
  }
  put('host', host.replace(/^\[(.*)\]$/, '$1'));
  put('port', port);
  put('dbname', dbname);
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 0) throw new ConfigFault('db-uri has a parameter without value');
    put(decode(pair.slice(0, equals)), pair.slice(equals + 1));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigFault('db-uri has a broken percent-encoding');
  }
}

const PAIR = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy;

function parsePairs(text: string): ConnectionParameters {
  const parameters = new Map<string, string>();
  const trimmed = text.trim();
  PAIR.lastIndex = 0;
  let end = 0;
  for (let match = PAIR.exec(trimmed); match !== null; match = PAIR.exec(trimmed)) {
    parameters.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1'));
    end = PAIR.lastIndex;
  }
  if (end !== trimmed.length) throw new ConfigFault('db-uri is no valid list of key=value');
  return parameters;
}
