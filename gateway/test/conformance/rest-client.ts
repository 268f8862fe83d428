/** One gateway with one tenant on a nasty database, behind node:http, and clients of it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PostgrestClient } from '@supabase/postgrest-js';
import { SignJWT } from 'jose';
import { afterAll, beforeAll } from 'vitest';
import { Gateway, requestListener, type TenantSettings } from '../../src/tenants/gateway.ts';
import { createNastyDatabase, type TestDatabase } from '../support/database.ts';
import { tenantSettings } from '../tenants/tenant-suite.ts';

export const SECRET = 'a secret of at least thirty-two bytes';

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when a text, otherwise as JSON. */
  readonly body?: unknown;
  /** `user`: with a token of the role `web_user` and the subject `ann`. Default `anon`. */
  readonly as?: 'anon' | 'user';
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where the type is JSON. */
  readonly body: unknown;
}

type Keys = Readonly<Record<string, boolean | number | string>>;
type GivenKeys = Readonly<Record<string, boolean | number | string | null>>;
type Method = (path: string, call?: Call) => Promise<Answer>;

export interface Rest {
  readonly get: Method;
  readonly head: Method;
  readonly options: Method;
  readonly post: Method;
  readonly patch: Method;
  readonly put: Method;
  readonly del: Method;
  /** The body of a GET; status and body where it is no 200. */
  readonly read: (path: string, call?: Call) => Promise<unknown>;
  /** Status and body of a change that is rolled back, with what it changed. */
  readonly change: (
    method: 'del' | 'patch' | 'post' | 'put',
    path: string,
    body?: unknown,
  ) => Promise<unknown>;
  readonly client: (as?: 'anon' | 'user') => ReturnType<typeof clientOf>;
  readonly database: () => TestDatabase;
}

const DEFAULTS: Keys = {
  'db-schemas': 'api,v2',
  'db-extra-search-path': 'extra',
  'db-anon-role': 'web_anon',
  'db-tx-end': 'commit-allow-override',
  'db-aggregates-enabled': true,
  'db-pre-request': 'private.pre_request',
  'jwt-secret': SECRET,
  'app.settings.city': 'Basel',
};

export function signToken(claims: Readonly<Record<string, unknown>>, secret = SECRET): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
}

interface Started {
  readonly origin: string;
  readonly database: TestDatabase;
  readonly userToken: string;
}

/** Lives as long as the file that calls it; `keys` come on top of, `null` takes from, what every suite here has. */
export function useRest(keys: GivenKeys = {}): Rest {
  const started = useServer(keys);
  const methods = {
    get: sender('GET', started),
    head: sender('HEAD', started),
    options: sender('OPTIONS', started),
    post: sender('POST', started),
    patch: sender('PATCH', started),
    put: sender('PUT', started),
    del: sender('DELETE', started),
  };
  return {
    ...methods,
    read: async (path, call) => {
      const { status, body } = await methods.get(path, call);
      return status === 200 ? body : { status, body };
    },
    change: async (method, path, body) => {
      const headers = { prefer: 'tx=rollback, return=representation' };
      const answer = await methods[method](path, { headers, body });
      return [answer.status, answer.body];
    },
    client: (as = 'anon') => clientOf(started(), as),
    database: () => started().database,
  };
}

interface UntypedTable {
  Row: Record<string, unknown>;
  Insert: Record<string, unknown>;
  Update: Record<string, unknown>;
  Relationships: [];
}
interface UntypedSchema {
  Tables: Record<string, UntypedTable>;
  Views: Record<string, never>;
  Functions: Record<string, { Args: Record<string, unknown>; Returns: unknown }>;
}
/** What generated types would say. */
interface Untyped {
  api: UntypedSchema;
  v2: UntypedSchema;
}

function clientOf({ origin, userToken }: Started, as: 'anon' | 'user') {
  const headers: Record<string, string> = as === 'user' ? { authorization: `Bearer ${userToken}` } : {};
  return new PostgrestClient<Untyped, { PostgrestVersion: '13' }, 'api'>(origin, { schema: 'api', headers });
}

function useServer(keys: GivenKeys): () => Started {
  let started: Started | undefined;
  const gateway = new Gateway();
  const server = createServer(
    requestListener(gateway, ({ url }) => ({ tenantId: 'nasty', url: url ?? '/' })),
  );
  beforeAll(async () => {
    const database = await createNastyDatabase();
    await gateway.setTenant('nasty', await nastySettings(database, keys));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    started = { origin, database, userToken: await signToken({ role: 'web_user', sub: 'ann' }) };
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await gateway.close();
    await started?.database.drop();
  });
  return () => {
    if (started === undefined) throw new Error('the server has not started yet');
    return started;
  };
}

/** `null` takes a key away. */
export async function nastySettings(database: TestDatabase, keys: GivenKeys = {}): Promise<TenantSettings> {
  const given = Object.entries({ ...DEFAULTS, ...keys }).filter(([, value]) => value !== null);
  const settings = await tenantSettings(database, Object.fromEntries(given) as Keys);
  return keys['db-anon-role'] === null ? { ...settings, dbAnonRole: null } : settings;
}

function sender(method: string, started: () => Started): Method {
  return async (path, { headers = {}, body, as = 'anon' } = {}) => {
    const { origin, userToken } = started();
    const isTyped = body === undefined || 'content-type' in headers;
    const response = await fetch(origin + path, {
      method,
      headers: {
        ...(isTyped ? {} : { 'content-type': 'application/json' }),
        ...(as === 'user' ? { authorization: `Bearer ${userToken}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: bytesOf(body) }),
    });
    return readAnswer(response);
  };
}

function bytesOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const cookies = response.headers.getSetCookie();
  const headers = {
    ...Object.fromEntries(response.headers),
    ...(cookies.length === 0 ? {} : { 'set-cookie': cookies.join(', ') }),
  } as Record<string, string>;
  const isJson = /^application\/(?:[\w.]+\+)?json/.test(headers['content-type'] ?? '') && text !== '';
  return { status: response.status, headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}
