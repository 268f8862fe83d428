/**
 * For each operation of the route table one request that succeeds for whoever may make it. The authorisation
 * matrix fails for an operation without a sample, so a new route cannot be forgotten.
 */
import { expect } from 'vitest';
import { type Api, api } from './api.ts';
import { createKey, createPerson, type Person, signIn, uniqueName } from './people.ts';
import type { Product } from './product.ts';
import { createDatabase, createPgUser, softDelete, unknownId } from './resources.ts';
import type { CreatedToken, Database } from './wire.ts';

export interface Sample {
  /** By name of the path parameter. */
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Status for a caller who may. */
  readonly success: number;
}

export interface Scene {
  readonly product: Product;
  readonly owner: Person;
  /** A database of the owner that no sample may close. */
  readonly home: Database;
}

/** Makes a target that belongs to the owner; the request is then sent by whoever the matrix asks about. */
export type MakeSample = (scene: Scene) => Promise<Sample> | Sample;

async function closed(owner: Api): Promise<Database> {
  const { database_id } = await createDatabase(owner);
  return softDelete(owner, database_id);
}

async function tokenOf(owner: Api): Promise<string> {
  const { status, text, body } = await owner.post<CreatedToken>('/api/v1/auth/tokens', { name: 'sample' });
  expect(status, text).toBe(200);
  return String(body.id);
}

async function sessionOf({ owner, product }: Scene): Promise<string> {
  const caller = api(product.url, await signIn(product, owner.username, owner.password));
  const { body } = await caller.get<{ sessions: readonly { id: string; is_current: boolean }[] }>(
    '/api/v1/auth/sessions',
  );
  const session = body.sessions.find(({ is_current }) => is_current);
  if (session === undefined) throw new Error('a session does not list itself');
  return session.id;
}

const aPerson: MakeSample = async ({ product }) => {
  const { id } = await createPerson(product, 'sample');
  return { params: { user_id: String(id) }, success: 200 };
};

const theOwner: MakeSample = ({ owner }) => ({ params: { user_id: String(owner.id) }, success: 200 });

async function userOf({ owner, home }: Scene): Promise<Readonly<Record<string, string>>> {
  const { pg_user_id } = await createPgUser(owner.api, home.database_id, 'read');
  return { database_id: home.database_id, pg_user_id };
}

const reading: MakeSample = () => ({ success: 200 });
const readingHome: MakeSample = ({ home }) => ({
  params: { database_id: home.database_id },
  success: 200,
});

const jobOfNobody: MakeSample = ({ home }) => ({
  params: { database_id: home.database_id, job_id: unknownId() },
  success: 404,
});

export const samples: Readonly<Record<string, MakeSample>> = {
  'health.get': reading,
  'health.ready': reading,
  'health.live': reading,
  'identity.me': reading,
  'identity.current-user': reading,
  // Without a provider, which oidc-sign-in.test.ts has, there is nowhere to send a browser.
  'sign-in.begin': () => ({ success: 503 }),
  'sign-in.begin-by-link': () => ({ success: 503 }),
  'sign-in.complete': () => ({ success: 400 }),
  'provider.list': reading,
  'identity.logout': () => ({ success: 302 }),
  // The matrix speaks with keys, which are no sessions, and knows nobody's password but the owner's.
  'identity.change-password': () => ({
    body: { current_password: 'of nobody', new_password: 'never to be set' },
    success: 403,
  }),
  'session.create': ({ owner }) => ({
    body: { username: owner.username, password: owner.password },
    success: 201,
  }),
  'session.list': reading,
  'session.revoke-others': reading,
  'session.revoke-current': () => ({ success: 400 }),
  'session.revoke': async (scene) => ({ params: { session_id: await sessionOf(scene) }, success: 200 }),
  'device.start': () => ({ body: {}, success: 200 }),
  'device.poll': () => ({ body: { device_code: 'of nobody' }, success: 400 }),
  'ticket.create': reading,
  // A plain request is told to upgrade.
  'event.watch': () => ({ success: 426 }),
  'user.list': reading,
  'user.create': () => {
    const username = uniqueName('sample');
    return { body: { username, email: `${username}@example.com`, password: 'a password' }, success: 200 };
  },
  'user.get': theOwner,
  'user.update': async (scene) => ({ ...(await theOwner(scene)), body: {} }),
  'user.deactivate': aPerson,
  'user-token.list': theOwner,
  'user-token.revoke': async ({ owner }) => ({
    params: { user_id: String(owner.id), token_id: await tokenOf(owner.api) },
    success: 200,
  }),
  'identity.login': ({ owner }) => ({
    body: { username: owner.username, password: owner.password },
    success: 200,
  }),
  'api-key.create': () => ({ body: { name: 'sample' }, success: 201 }),
  'api-key.list': reading,
  'api-key.revoke': async ({ owner }) => ({
    params: { id: String((await createKey(owner.api)).id) },
    success: 200,
  }),
  'api-token.create': () => ({ body: { name: 'sample' }, success: 200 }),
  'api-token.list': reading,
  'api-token.revoke': async ({ owner }) => ({ params: { token_id: await tokenOf(owner.api) }, success: 200 }),
  'database.create': () => ({ body: { name: uniqueName('matrix') }, success: 201 }),
  'database.list': reading,
  'database.get': readingHome,
  'database.usage': readingHome,
  'database.audit': readingHome,
  'database.delete': async ({ owner }) => ({
    params: { database_id: (await createDatabase(owner.api)).database_id },
    success: 200,
  }),
  'database.undelete': async ({ owner }) => ({
    params: { database_id: (await closed(owner.api)).database_id },
    success: 200,
  }),
  'database.purge': async ({ owner }) => {
    const { database_id, pg_database_name } = await closed(owner.api);
    return { params: { database_id }, body: { confirm: pg_database_name }, success: 202 };
  },
  // The embedded Postgres comes without pg_dump, so what an owner may do is to be told so; backups.test.ts has
  // a cluster with one.
  'backup.create': ({ home }) => ({ params: { database_id: home.database_id }, success: 503 }),
  'backup.get': jobOfNobody,
  'backup.download': jobOfNobody,
  'restore.create': ({ home }) => ({ params: { database_id: home.database_id }, success: 503 }),
  'restore.get': jobOfNobody,
  'pg-user.create': ({ home }) => ({
    params: { database_id: home.database_id },
    body: { username: uniqueName('matrix_'), permission_level: 'read' },
    success: 201,
  }),
  'pg-user.list': readingHome,
  'pg-user.rotate-password': async (scene) => ({ params: await userOf(scene), success: 200 }),
  'pg-user.delete': async (scene) => ({ params: await userOf(scene), success: 204 }),
};

/** The path with its parameters filled in; throws when the sample has none for one of them. */
export function filled(path: string, sample: Sample): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = sample.params?.[name];
    if (value === undefined) throw new Error(`the sample for ${path} has no ${name}`);
    return value;
  });
}

/** The sample with ids that nothing has. */
export function ofNothing(sample: Sample): Sample {
  const ids = Object.entries(sample.params ?? {}).map(([name, value]) => [
    name,
    /^\d+$/.test(value) ? '999999999' : unknownId(),
  ]);
  return { ...sample, params: Object.fromEntries(ids) as Record<string, string> };
}
