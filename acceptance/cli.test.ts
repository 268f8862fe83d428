/** The command line as a person and a script meet it: the real program against the started product. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { as, refusal } from './support/cluster.ts';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { freePort, freshDirectory, useProduct } from './support/product.ts';
import { type Finished, node, projectRoot, runProgram } from './support/program.ts';
import { createDatabase, createPgUser, getDatabase, listPgUsers, unknownId } from './support/resources.ts';
import type { CreatedKey, CreatedPgUser, Database, Key, Login, Rotated } from './support/wire.ts';

const product = useProduct({ env: { PGWEB_MAX_USERS_PER_DATABASE: '2' } });
const home = freshDirectory();
const program = join(projectRoot, 'cli/bin/backyard.js');
let alice: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Setting {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** Runs a command as Alice. */
function backyard(args: readonly string[], { env = {}, stdin = '' }: Setting = {}): Promise<Finished> {
  const { PATH } = process.env;
  const base = { PATH, HOME: home, BACKYARD_URL: product().url, BACKYARD_TOKEN: alice.api.token };
  return runProgram(node, [program, ...args], { cwd: home, env: { ...base, ...env }, stdin });
}

/** The standard output of a command that succeeds. */
async function succeed(args: readonly string[], setting: Setting = {}): Promise<string> {
  const done = await backyard(args, setting);
  expect(done.code, done.output).toBe(0);
  expect(done.output).not.toContain('\u001b');
  return done.stdout;
}

async function succeedAsJson<T>(args: readonly string[]): Promise<T> {
  const done = await backyard([...args, '--json']);
  expect(done, done.output).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(done.stdout) as T;
}

/** The single sentence of a command that fails. */
async function fail(code: number, args: readonly string[], setting: Setting = {}): Promise<string> {
  const done = await backyard(args, setting);
  expect(done, done.output).toMatchObject({ code, stdout: '' });
  expect(done.stderr).toMatch(/^error: [^\n]+\n(Add --help for the usage\.\n)?$/);
  return done.stderr;
}

test.each([
  ['npx', ['--no', 'backyard', '--version']],
  ['npm', ['run', '--silent', 'backyard', '--', '--version']],
])("%s starts it, whatever the machine's own Node is", async (file, args) => {
  const done = await runProgram(file, args, { cwd: projectRoot });
  expect(done, done.output).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test('sign in, ask who, sign out', async () => {
  const env = { BACKYARD_TOKEN: '', XDG_CONFIG_HOME: join(home, 'config') };
  expect(await fail(3, ['whoami'], { env })).toContain('backyard login');
  const login = ['login', '--username', alice.username];
  expect(await succeed([...login, '--password-stdin'], { env, stdin: `${alice.password}\n` })).toBe(
    `Signed in to ${product().url} as ${alice.username}.\n`,
  );
  expect(statSync(join(home, 'config/backyard/config.json')).mode & 0o777).toBe(0o600);
  expect(await succeed(['whoami'], { env: { ...env, BACKYARD_URL: '' } })).toContain(alice.username);
  await fail(3, ['whoami', '--url', product().url.replace('127.0.0.1', 'localhost')], { env });
  await succeed(['logout'], { env });
  await fail(3, ['whoami'], { env });
  await succeed(login, { env: { ...env, BACKYARD_PASSWORD: alice.password } });
});

test('a wrong password is refused, and nowhere shown', async () => {
  const env = { BACKYARD_TOKEN: '', BACKYARD_PASSWORD: 'not-the-password' };
  const told = await fail(3, ['login', '--username', alice.username], { env });
  expect(told).toBe('error: Invalid username or password.\n');
});

test('where nobody can be asked, a missing answer is a usage error', async () => {
  const env = { BACKYARD_TOKEN: '' };
  expect(await fail(2, ['login'], { env })).toContain('--username');
  expect(await fail(2, ['login', '--username', 'x'], { env })).toContain('--password-stdin');
});

test('a database from creation to deletion and back', async () => {
  const name = uniqueName('shop');
  const created = await backyard(['databases', 'create', name]);
  expect(created, created.output).toMatchObject({ code: 0 });
  expect(created.stdout).toContain(`Created database ${name}.`);
  expect(created.stderr).toContain(`backyard pgusers create ${name}`);

  expect(await succeed(['databases', 'list'])).toMatch(
    new RegExp(`^NAME +STATUS +CREATED +ID\n(.*\n)*${name} +active +just now +[0-9a-f-]{36}\n`),
  );
  expect(await succeed(['databases', 'show', name])).toMatch(/status +active\n/);

  expect(await succeed(['databases', 'delete', name, '--yes'])).toMatch(/purged in 7 days/);
  expect(await succeed(['databases', 'list'])).toMatch(new RegExp(`${name} +soft_deleted`));
  expect(await succeed(['databases', 'undelete', name])).toContain('active');
  expect(await succeed(['databases', 'show', name])).toMatch(/status +active\n/);
});

test('a database is not deleted without a yes', async () => {
  const { database_id, pg_database_name } = await createDatabase(alice.api);
  expect(await fail(2, ['databases', 'delete', pg_database_name])).toContain('--yes');
  expect((await getDatabase(alice.api, database_id)).status).toBe('active');
});

test("--json prints exactly the API's body, also after the command, and nothing beside it", async () => {
  const name = uniqueName('shop');
  const created = await succeedAsJson<Database>(['databases', 'create', name]);
  const stored = await getDatabase(alice.api, created.database_id);
  expect(created).toEqual(stored);
  expect(await succeedAsJson(['databases', 'show', name])).toEqual(stored);
  expect(await succeedAsJson(['databases', 'show', created.database_id])).toEqual(stored);
  const all = await alice.api.get('/api/databases');
  expect(await succeedAsJson(['databases', 'list'])).toEqual(all.body);
  const user = await succeedAsJson<CreatedPgUser>(['pgusers', 'create', name, 'app', '--level', 'write']);
  expect(await as(user.connection, (client) => client.query('select 1'))).toHaveProperty('rowCount', 1);
  expect(await succeedAsJson(['pgusers', 'list', name])).toEqual(
    await listPgUsers(alice.api, created.database_id),
  );
  expect(await succeed(['--json', 'pgusers', 'delete', name, 'app', '--yes'])).toBe('');
});

/** The connection string that stands on a line of its own. */
function printedLogin(text: string): Login {
  const uri = /^postgresql:\S+$/m.exec(text)?.[0] ?? '';
  const { username, password, hostname, port, pathname } = new URL(uri);
  return { uri, user: username, password, host: hostname, port: Number(port), database: pathname.slice(1) };
}

test('a login from creation over a new password to its end', async () => {
  const { pg_database_name: name, database_id } = await createDatabase(alice.api);
  const created = await succeed(['pgusers', 'create', name, 'report', '--level', 'read']);
  expect(created).toContain('only now');
  const login = printedLogin(created);
  expect(await refusal(login)).toBeUndefined();

  const list = await succeed(['pgusers', 'list', name]);
  expect(list).toMatch(/report +read +active/);
  expect(list).not.toContain(login.password);

  const rotated = printedLogin(await succeed(['pgusers', 'rotate-password', name, 'report']));
  expect(await refusal(rotated)).toBeUndefined();
  expect(await refusal(login)).toBe('28P01');
  const [user] = await listPgUsers(alice.api, database_id);
  const byId = await succeedAsJson<Rotated>(['pgusers', 'rotate-password', name, user?.pg_user_id ?? '']);
  expect(await refusal(rotated)).toBe('28P01');
  expect(await refusal(byId.connection)).toBeUndefined();

  expect(await fail(2, ['pgusers', 'delete', name, 'report'])).toContain('--yes');
  await succeed(['pgusers', 'delete', name, 'report', '--yes']);
  expect(await refusal(byId.connection)).toBe('28P01');
});

test('`users` with a database first is an older spelling of `pgusers`, and says so', async () => {
  const { pg_database_name: name, database_id } = await createDatabase(alice.api);
  const old = async (args: readonly string[]): Promise<Finished> => {
    const done = await backyard(['users', ...args]);
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(done.stderr).toMatch(/^hint: [^\n]*backyard pgusers [a-z-]+\n$/);
    return done;
  };
  const created = await old(['create', name, 'app', '--level', 'write']);
  expect(await refusal(printedLogin(created.stdout))).toBeUndefined();
  expect((await old(['list', name])).stdout).toBe(await succeed(['pgusers', 'list', name]));
  const rotated = printedLogin((await old(['rotate-password', name, 'app'])).stdout);
  expect(await refusal(rotated)).toBeUndefined();
  await old(['delete', name, 'app', '--yes']);
  expect(await listPgUsers(alice.api, database_id)).toEqual([]);

  const user = await succeedAsJson<CreatedPgUser>(['users', 'create', name, 'next', '--level', 'read']);
  expect(await refusal(user.connection)).toBeUndefined();
});

test('a name that is nearly right gets a suggestion', async () => {
  const { pg_database_name: name, database_id } = await createDatabase(alice.api);
  expect(await fail(4, ['databases', 'show', `${name}x`])).toContain(`Did you mean '${name}'`);
  await createPgUser(alice.api, database_id, 'read');
  expect(await fail(4, ['pgusers', 'rotate-password', name, 'reader'])).toMatch(/Did you mean 'reader_/);
});

test('a foreign database is as absent as one that never was; an administrator reaches it by its id', async () => {
  const bob = await createPerson(product(), 'bob');
  const { database_id, pg_database_name } = await createDatabase(bob.api);
  for (const reference of [pg_database_name, database_id, unknownId()]) {
    await fail(4, ['databases', 'show', reference]);
  }
  const admin = await theAdmin(product());
  const env = { BACKYARD_TOKEN: admin.api.token };
  expect(await succeed(['databases', 'show', database_id], { env })).toContain(pg_database_name);
  expect(await succeed(['databases', 'list', '--all'], { env })).toMatch(
    new RegExp(`${bob.email} +${pg_database_name}`),
  );
});

test('every kind of failure has its exit code and one sentence', async () => {
  const { pg_database_name: name, database_id } = await createDatabase(alice.api);
  await fail(2, ['databases', 'creat', name]);
  await fail(2, ['pgusers', 'create', name, 'app', '--level', 'admin']);
  expect(await fail(2, ['databases', 'create', 'Not A Name'])).toContain('Invalid database name');
  await fail(3, ['databases', 'list'], { env: { BACKYARD_TOKEN: 'sk_live_unknown' } });
  await fail(4, ['databases', 'undelete', 'nothing-like-this']);
  expect(await fail(5, ['databases', 'create', name])).toContain('already taken');
  await fail(5, ['databases', 'undelete', name]);
  await createPgUser(alice.api, database_id, 'read');
  await createPgUser(alice.api, database_id, 'read');
  expect(await fail(6, ['pgusers', 'create', name, 'third', '--level', 'read'])).toContain('quota');
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  expect(await fail(7, ['whoami', '--url', nowhere])).toContain('Is Backyard running?');
});

test('keys open the door until they are revoked', async () => {
  const name = uniqueName('ci');
  const { key } = await succeedAsJson<CreatedKey>(['keys', 'create', name]);
  const env = { BACKYARD_TOKEN: key };
  expect(await succeed(['whoami'], { env })).toContain(alice.username);
  const listed = await succeedAsJson<Key[]>(['keys', 'list']);
  expect(listed.map((each) => each.name)).toContain(name);
  expect(await succeed(['keys', 'list'])).not.toContain(key);
  await succeed(['keys', 'revoke', name]);
  await fail(3, ['whoami'], { env });
});
