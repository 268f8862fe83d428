/** Accounts to test with. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type Api, api } from './api.ts';
import type { Product } from './product.ts';
import type { CreatedKey, Me, SignedIn, User } from './wire.ts';

export interface Person extends Me {
  readonly password: string;
  /** JWT of a sign-in with the password. */
  readonly jwt: string;
  /** Signs with an API key. */
  readonly api: Api;
}

let counter = 0;

/** A name that no other call returns: `<stem>1k3x9a1`. */
export function uniqueName(stem: string): string {
  counter += 1;
  return `${stem}${Date.now().toString(36)}${counter.toString(36)}`;
}

export async function signIn(product: Product, username: string, password: string): Promise<string> {
  const answer = await api(product.url).post<SignedIn>('/api/v1/auth/login', { username, password });
  expect(answer.status, `sign-in of ${username}: ${answer.text}`).toBe(200);
  return answer.body.token;
}

/** A new API key of the caller. */
export async function createKey(caller: Api, name = uniqueName('key')): Promise<CreatedKey> {
  const answer = await caller.post<CreatedKey>('/api/v1/auth/api-keys', { name });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

async function personOf(product: Product, username: string, password: string): Promise<Person> {
  const jwt = await signIn(product, username, password);
  const { key } = await createKey(api(product.url, jwt));
  const caller = api(product.url, key);
  const me = await caller.get<Me>('/auth/me');
  expect(me.status, me.text).toBe(200);
  return { ...me.body, password, jwt, api: caller };
}

/** The first administrator. */
export function theAdmin(product: Product): Promise<Person> {
  return personOf(product, product.adminUsername, product.adminPassword);
}

const administrators = new WeakMap<Product, Api>();

/** The first administrator by a session of their own, begun once for a product. */
async function administrator(product: Product): Promise<Api> {
  const known = administrators.get(product);
  if (known && (await known.get('/auth/me')).status === 200) return known;
  const caller = api(product.url, await signIn(product, product.adminUsername, product.adminPassword));
  administrators.set(product, caller);
  return caller;
}

interface NewPerson {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

function newPerson(stem: string): NewPerson {
  const username = uniqueName(stem);
  return { username, email: `${username}@example.com`, password: randomBytes(12).toString('base64url') };
}

/** A new account, made by the first administrator; `--admin` makes another one of those. */
export async function createPerson(
  product: Product,
  stem = 'user',
  flags: readonly '--admin'[] = [],
): Promise<Person> {
  const person = newPerson(stem);
  const body = { ...person, is_admin: flags.includes('--admin') };
  const answer = await (await administrator(product)).post<User>('/api/v1/users', body);
  expect(answer.status, answer.text).toBe(200);
  return personOf(product, person.username, person.password);
}

/** A new account, made through the operators' entry. */
export async function createPersonByEntry(
  product: Product,
  stem = 'user',
  flags: readonly '--admin'[] = [],
): Promise<Person> {
  const { username, email, password } = newPerson(stem);
  const args = ['create-user', '--username', username, '--email', email, '--password-stdin', ...flags];
  const done = await product.admin(args, password);
  expect(done.code, `create-user: ${done.output}`).toBe(0);
  return personOf(product, username, password);
}

/** Through the operators' entry. */
export async function deactivate(product: Product, username: string): Promise<void> {
  const done = await product.admin(['deactivate-user', '--username', username]);
  expect(done.code, `deactivate-user: ${done.output}`).toBe(0);
}
