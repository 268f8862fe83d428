/** API keys with scopes, and the users of Backyard for its administrators, from the command line. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { createPerson, type Person, signIn, theAdmin, uniqueName } from './support/people.ts';
import { freshDirectory, useProduct } from './support/product.ts';
import { type Finished, node, projectRoot, runProgram } from './support/program.ts';
import { until } from './support/until.ts';
import type { CreatedKey } from './support/wire.ts';

const product = useProduct();
const home = freshDirectory();
const program = join(projectRoot, 'cli/bin/backyard.js');
let alice: Person;
let admin: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  admin = await theAdmin(product());
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Setting {
  readonly token: string | undefined;
  readonly stdin?: string;
}

function backyard(args: readonly string[], { token, stdin = '' }: Setting): Promise<Finished> {
  const { PATH } = process.env;
  const env = { PATH, HOME: home, BACKYARD_URL: product().url, BACKYARD_TOKEN: token };
  return runProgram(node, [program, ...args], { cwd: home, env, stdin });
}

async function succeed(args: readonly string[], setting: Setting): Promise<string> {
  const done = await backyard(args, setting);
  expect(done, done.output).toMatchObject({ code: 0, stderr: '' });
  return done.stdout;
}

async function succeedAsJson<T>(args: readonly string[], setting: Setting): Promise<T> {
  return JSON.parse(await succeed([...args, '--json'], setting)) as T;
}

/** The words of a command that fails. */
async function fail(code: number, args: readonly string[], setting: Setting): Promise<string> {
  const done = await backyard(args, setting);
  expect(done, done.output).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^error: /) });
  return done.stderr;
}

async function statusOf(token: string | undefined): Promise<number> {
  return (await api(product().url, token).get('/api/v1/auth/me')).status;
}

test('a key may do what its scopes say, and the list says so', async () => {
  const token = alice.api.token;
  const create = ['keys', 'create', 'reader', '--scope', 'database:read', '--scope', 'account:read'];
  const { key } = await succeedAsJson<CreatedKey>([...create, '--expires', '2099-01-01'], { token });
  await succeed(['databases', 'list'], { token: key });
  expect(await fail(6, ['databases', 'create', uniqueName('shop')], { token: key })).toContain('scope');
  expect(await fail(6, ['keys', 'create', 'stronger', '--scope', 'admin'], { token: key })).toContain(
    'scope',
  );
  expect(await succeed(['keys', 'list'], { token })).toMatch(
    /reader +sk_live_\w{6}… +database:read, account:read +just now +\S.* +in \d+ years +-\n/,
  );
  expect(await fail(2, ['keys', 'create', 'odd', '--scope', 'everything'], { token })).toContain('scope');
  const said = await succeed(['keys', 'create', 'mine'], { token });
  expect(said).toMatch(/^Created key mine \(\d+\), scopes: all\.\n\nsk_live_\w+\n\n/);
});

interface CreatedUser {
  readonly id: number;
  readonly password: string;
}

describe('users', () => {
  const asAdmin = () => ({ token: admin.api.token });

  test('are made with a password that is given, or made and shown once', async () => {
    const [given, made] = [uniqueName('ada'), uniqueName('bea')];
    const create = (name: string) => ['users', 'create', name, '--email', `${name}@example.com`];
    const said = await succeed(
      [...create(given), '--admin', '--rate', '7', '--burst', '9', '--password-stdin'],
      {
        ...asAdmin(),
        stdin: 'given-Password-1\n',
      },
    );
    expect(said).toMatch(/role +administrator\n(.*\n)* +rate +7\/s, burst 9\n/);
    expect(said).not.toContain('given-Password-1');
    await signIn(product(), given, 'given-Password-1');
    const printed = await succeed(create(made), asAdmin());
    const password = /^[\w-]{24}$/m.exec(printed)?.[0] ?? '';
    await signIn(product(), made, password);
    const name = uniqueName('cleo');
    const user = await succeedAsJson<CreatedUser>(create(name), asAdmin());
    await signIn(product(), name, user.password);
    expect(await fail(2, create(name), asAdmin())).toContain('already exists');
  });

  test('are listed, shown, changed and shut out', async () => {
    const dora = await createPerson(product(), 'dora');
    const all = await admin.api.get('/api/v1/users?limit=100');
    expect(await succeedAsJson(['users', 'list'], asAdmin())).toEqual(all.body);
    expect(await succeed(['users', 'show', String(dora.id)], asAdmin())).toContain(dora.email);
    const email = `${uniqueName('new')}@example.com`;
    const update = ['users', 'update', dora.username];
    expect(await succeed([...update, '--email', email, '--rate', '50'], asAdmin())).toContain(email);
    await succeed([...update, '--password-stdin'], { ...asAdmin(), stdin: 'other-Password-1' });
    expect(await statusOf(dora.jwt)).toBe(401);
    expect(await fail(2, ['users', 'deactivate', dora.username], asAdmin())).toContain('--yes');
    const done = await backyard(['users', 'deactivate', dora.username, '--yes'], asAdmin());
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('--active') });
    expect(await statusOf(dora.api.token)).toBe(401);
    expect(await succeed(['users', 'list', '--inactive'], asAdmin())).toContain(dora.username);
    expect(await succeed(['users', 'list', '--active'], asAdmin())).not.toContain(dora.username);
    await succeed([...update, '--active'], asAdmin());
    expect(await statusOf(dora.api.token)).toBe(200);
    expect(await fail(4, ['users', 'show', `${dora.username}x`], asAdmin())).toContain(dora.username);
    expect(await fail(2, update, asAdmin())).toContain('nothing to change');
  });

  test('have keys that an administrator sees and revokes', async () => {
    const erin = await createPerson(product(), 'erin');
    const list = await succeed(['users', 'keys', erin.username], asAdmin());
    expect(list).toMatch(/key\w+ +sk_live_\w{6}… +all +/);
    const name = /key\w+/.exec(list)?.[0] ?? '';
    await succeed(['users', 'revoke-key', erin.username, name], asAdmin());
    expect(await statusOf(erin.api.token)).toBe(401);
    await fail(4, ['users', 'revoke-key', erin.username, name], asAdmin());
  });

  test('what is at fault in a user is told field by field', async () => {
    const create = ['users', 'create', 'x', '--email', 'nowhere', '--rate', '0', '--password-stdin'];
    const told = await fail(2, create, { ...asAdmin(), stdin: 'tiny\n' });
    expect(told).toMatch(
      /^error: several values are refused:\n {2}username: [^\n]+\n {2}email: value is not a valid email address: [^\n]+\n/,
    );
    expect(told).not.toContain('tiny');
    const one = ['users', 'update', alice.username, '--email', 'nowhere'];
    expect(await fail(2, one, asAdmin())).toMatch(
      /^error: email: value is not a valid email address: [^\n]+\n$/,
    );
  });

  test('are the business of administrators', async () => {
    const asAlice = { token: alice.api.token };
    for (const args of [['list'], ['show', 'admin'], ['deactivate', 'admin', '--yes'], ['keys', 'admin']]) {
      expect(await fail(6, ['users', ...args], asAlice)).toContain('Admin privileges required');
    }
  });
});

test('too many requests end with exit code 8, and the time to wait', async () => {
  const { username, api: caller } = await createPerson(product(), 'fay');
  await succeed(['users', 'update', username, '--rate', '1', '--burst', '1'], { token: admin.api.token });
  const done = await until(
    async () => {
      // Another request takes the one token just before.
      await caller.get('/api/v1/auth/me');
      const [first, second] = await Promise.all(
        [1, 2].map(() => backyard(['whoami'], { token: caller.token })),
      );
      return [first, second].find((each) => each?.code === 8);
    },
    { what: 'a request too many' },
  );
  expect(done).toMatchObject({
    stdout: '',
    stderr: expect.stringMatching(/^error: .*Try again in 1 s\.\n$/),
  });
});
