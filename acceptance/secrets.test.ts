/** What was told once is found nowhere else: pgweb contract 4.4 and 7, point 17; contract rule 10. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { superuser, superuserOf } from './support/cluster.ts';
import { createKey, createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { processesUsing } from './support/processes.ts';
import { useProduct } from './support/product.ts';
import { createDatabase, createPgUser, rotate, softDelete } from './support/resources.ts';
import type { CreatedToken } from './support/wire.ts';

const product = useProduct({ env: { SECRET_KEY: 'k7Qe-2mZp9-Xv4Lr8-Tn1Ws6-Bd3Hy5-Uc0' } });

/** Everything that was handed out or typed in, by what it is. */
const secrets = new Map<string, string>();
/** Argument vectors of all processes of the product, seen while it worked. */
const seenArguments = new Set<string>();

function look(): void {
  for (const { argv } of processesUsing(product().home)) seenArguments.add(argv);
}

/** Works through everything that has to do with secrets while the process table is watched. */
beforeAll(async () => {
  const watch = setInterval(look, 20);
  try {
    await handleSecrets();
  } finally {
    clearInterval(watch);
  }
});

async function handleSecrets(): Promise<void> {
  const admin = await theAdmin(product());
  const alice = await createPerson(product(), 'alice');
  for (const person of [admin, alice]) {
    secrets.set(`password of ${person.username}`, person.password);
    secrets.set(`JWT of ${person.username}`, person.jwt);
    secrets.set(`first key of ${person.username}`, person.api.token ?? '');
  }
  secrets.set('a key', (await createKey(alice.api)).key);
  const token = await alice.api.post<CreatedToken>('/api/v1/auth/tokens', { name: 'token' });
  secrets.set('a token', token.body.token);
  const { database_id } = await createDatabase(alice.api);
  for (const level of ['read', 'write'] as const) {
    const user = await createPgUser(alice.api, database_id, level);
    secrets.set(`${level} password`, user.password);
    secrets.set(`${level} password, rotated`, (await rotate(alice.api, user)).new_password);
    await keepVerifier(user.connection.user);
  }
  await softDelete(alice.api, database_id);
  await alice.api.post(`/api/databases/${database_id}/undelete`);
  await provokeErrors(alice);
  look();
}

async function keepVerifier(login: string): Promise<void> {
  const [row] = await superuser(product(), 'select rolpassword from pg_authid where rolname = $1', [login]);
  const verifier = String(row?.rolpassword);
  expect(verifier).toMatch(/^SCRAM-SHA-256\$/);
  secrets.set(`verifier of ${login}`, verifier);
}

const errors: string[] = [];

/** Requests that are refused although, or because, they carry a secret. */
async function provokeErrors(alice: Person): Promise<void> {
  const nobody = api(product().url);
  const json = { 'content-type': 'application/json' };
  const secret = 'Typed-By-Mistake-9431';
  secrets.set('a mistyped password', secret);
  const requests = [
    { path: '/api/v1/auth/login', raw: JSON.stringify({ username: 'admin', password: secret }) },
    { path: '/api/v1/auth/login', raw: `{"username": "admin", "password": "${secret}"` },
    { path: '/api/v1/auth/login', raw: JSON.stringify({ username: 7, password: secret }) },
    { path: '/api/v1/auth/tokens', raw: JSON.stringify({ password: secret, token: secret }) },
    { path: '/api/v1/auth/tokens', raw: `{"password": "${secret}", "token": "${secret}",` },
    { path: '/api/databases', raw: JSON.stringify({ name: uniqueName('PG_'), password: secret }) },
  ];
  for (const request of requests) {
    const caller = request.path.endsWith('/login') ? nobody : alice.api;
    const answer = await caller.send({ method: 'POST', headers: json, ...request });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    errors.push(answer.text);
  }
  for (const authorization of [`Bearer ${alice.jwt}x`, `Bearer ${alice.api.token}x`]) {
    errors.push(
      (await nobody.send({ method: 'GET', path: '/api/databases', headers: { authorization } })).text,
    );
  }
}

function found(texts: Iterable<string>): string[] {
  const all = [...texts].join('\n');
  return [...secrets].filter(([, secret]) => secret.length < 8 || all.includes(secret)).map(([name]) => name);
}

test('no answer that refuses repeats a secret', () => {
  expect(errors.length).toBeGreaterThan(6);
  expect(found(errors)).toEqual([]);
});

test('no secret was written to the output', () => {
  secrets.set('password of the superuser', superuserOf(product()).password);
  secrets.set('SECRET_KEY', String(product().env.SECRET_KEY));
  expect(found([product().output])).toEqual([]);
  expect(product().output).not.toMatch(/postgres(?:ql)?:\/\/[^\s@]*:[^\s@]+@|SCRAM-SHA-256\$/);
});

test('no process carried a secret in its arguments', () => {
  expect(seenArguments.size).toBeGreaterThan(1);
  expect(found(seenArguments)).toEqual([]);
});

test('no event, audit row or answer hands it out again', async () => {
  const admin = await theAdmin(product());
  const paths = [
    '/api/databases?scope=all',
    '/api/v1/auth/api-keys',
    '/api/v1/auth/tokens',
    '/api/openapi.json',
  ];
  const texts: string[] = [];
  for (const path of paths) texts.push((await admin.api.get(path)).text);
  const databases = (await admin.api.get<readonly { database_id: string }[]>('/api/databases?scope=all'))
    .body;
  for (const { database_id } of databases) {
    for (const part of ['', '/pgusers', '/audit', '/usage']) {
      texts.push((await admin.api.get(`/api/databases/${database_id}${part}`)).text);
    }
  }
  expect(found(texts)).toEqual([]);
});

describe('in the data directory', () => {
  /** Every file, with the Postgres of our own rows and its write-ahead log. */
  function files(directory: string): string[] {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  }

  test('what is shown once stands nowhere in the clear', async () => {
    await superuser(product(), 'checkpoint');
    const hidden = [...secrets].filter(([name]) => !/verifier|superuser|SECRET_KEY|mistyped/.test(name));
    expect(hidden.length).toBeGreaterThan(8);
    const places: string[] = [];
    for (const file of files(product().dataDir)) {
      const bytes = readFileSync(file);
      for (const [name, secret] of hidden) if (bytes.includes(secret)) places.push(`${name} in ${file}`);
    }
    expect(places).toEqual([]);
  });
});
