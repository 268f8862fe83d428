/** `backyard psql`: psql on a database through a login that lives as long as psql. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, superuser } from './support/cluster.ts';
import { createPerson, type Person } from './support/people.ts';
import { processesUsing } from './support/processes.ts';
import { freshDirectory, useProduct } from './support/product.ts';
import { canRunWith, type Finished, node, projectRoot, runProgram } from './support/program.ts';
import { createDatabase, createPgUser, listPgUsers } from './support/resources.ts';
import { until } from './support/until.ts';
import type { Database } from './support/wire.ts';

const product = useProduct();
const home = freshDirectory();
const program = join(projectRoot, 'cli/bin/backyard.js');
let alice: Person;
let shop: Database;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  shop = await createDatabase(alice.api);
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

function environment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, HOME: home, BACKYARD_URL: product().url, BACKYARD_TOKEN: alice.api.token };
}

function backyard(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ''): Promise<Finished> {
  return runProgram(node, [program, ...args], { cwd: home, env: { ...environment(), ...env }, stdin });
}

async function temporaryUsers(): Promise<readonly string[]> {
  const users = await listPgUsers(alice.api, shop.database_id);
  return users.map((user) => user.pg_username).filter((name) => name.startsWith('cli_'));
}

/** The statements of `psql` that are at work in the shop. */
function sleeping(): Promise<readonly Row[]> {
  const active = `select 1 from pg_stat_activity where datname = $1 and state = 'active' and query ~ 'pg_sleep'`;
  return superuser(product(), active, [shop.pg_database_name]);
}

test('without psql on PATH it says what to install, and makes no login', async () => {
  const done = await backyard(['psql', shop.pg_database_name], { PATH: home });
  expect(done).toMatchObject({ code: 1, stdout: '' });
  expect(done.stderr).toMatch(/^error: psql is not installed, or not on PATH\. [^\n]+\n$/);
  expect(await temporaryUsers()).toEqual([]);
});

describe.skipIf(!canRunWith('backyard psql', 'psql'))('with psql', () => {
  test('runs as a write login, which is gone afterwards', async () => {
    const statement = 'create table stock (id int); select session_user, current_database()';
    const done = await backyard(['psql', shop.pg_database_name, '--', '-qAt', '-c', statement]);
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(done.stdout).toMatch(new RegExp(`^cli_[a-z0-9]{6}\\|${shop.pg_database_name}\n$`));
    expect(await temporaryUsers()).toEqual([]);
  });

  test('reads its statements from standard input, and ends with the exit code of psql', async () => {
    const args = ['psql', shop.database_id, '--quiet', '--', '-qAt', '-v', 'ON_ERROR_STOP=1'];
    expect(await backyard(args, {}, 'select 6 * 7;\n')).toMatchObject({ code: 0, output: '42\n' });
    expect(await backyard(args, {}, 'select nonsense;\n')).toMatchObject({ code: 3, stdout: '' });
    expect(await temporaryUsers()).toEqual([]);
  });

  test('runs as an existing login with the password of the environment', async () => {
    const { pg_username, password } = await createPgUser(alice.api, shop.database_id, 'read');
    const args = ['psql', shop.pg_database_name, '--user', pg_username, '--', '-qAt', '-c', 'select 6 * 7'];
    expect(await backyard(args, { PGPASSWORD: password })).toMatchObject({ code: 0, output: '42\n' });
    expect(await backyard(args, { PGPASSWORD: 'wrong' })).toMatchObject({ code: 2, stdout: '' });
    expect(await backyard(['psql', shop.pg_database_name, '--user', 'nobody'])).toMatchObject({ code: 4 });
  });

  test.each([
    ['SIGINT', 1],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the session and removes the login', async (signal, code) => {
    const args = [program, 'psql', shop.pg_database_name, '--', '-c', 'select pg_sleep(60)'];
    const child = spawn(node, args, { cwd: home, env: environment(), stdio: 'ignore' });
    const ended = once(child, 'close');
    await until(async () => (await sleeping()).length === 1, { what: 'psql runs its statement' });
    const psql = processesUsing(home).find(({ argv }) => argv.includes('--dbname'));
    expect(await temporaryUsers()).toHaveLength(1);
    const secret = /PGPASSWORD=([^\0]+)/.exec(readFileSync(`/proc/${psql?.pid}/environ`, 'latin1'))?.[1];
    expect(secret).toHaveLength(32);
    for (const { argv } of processesUsing(home)) expect(argv).not.toContain(secret);
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    expect(await temporaryUsers()).toEqual([]);
    expect(processesUsing(home)).toEqual([]);
  });
});
