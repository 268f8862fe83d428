/** Starting, stopping, crashing and starting again, as a person at a terminal meets it. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { api } from './support/api.ts';
import { refusal, superuser, superuserOf } from './support/cluster.ts';
import { signIn, theAdmin } from './support/people.ts';
import { processesUsing } from './support/processes.ts';
import { answersOk, freshDirectory, plain, useProducts } from './support/product.ts';
import { projectRoot } from './support/program.ts';
import { createDatabase, createPgUser, getDatabase } from './support/resources.ts';
import { until } from './support/until.ts';

const { make, up, disposeAll } = useProducts();

/** How a generated password looks, standing alone. */
const generated = /(?<![0-9A-Za-z])[0-9A-Za-z]{24}(?![0-9A-Za-z])/g;

test('a fresh start prints the URL and a password that works, once', async () => {
  const product = await up({ env: { BACKYARD_ADMIN_PASSWORD: undefined } });
  const first = plain(product.output);
  expect(first).toContain(product.url);
  const words = [...new Set(first.match(generated) ?? [])];
  expect(words, 'one word of 24 base62 characters').toHaveLength(1);
  const password = words[0] ?? '';
  const jwt = await signIn(product, 'admin', password);
  expect((await api(product.url, jwt).get('/auth/me')).body).toMatchObject({ is_admin: true });
  const { database_id } = await createDatabase(api(product.url, jwt));
  await product.stop();
  expect(product.exitCode).toBe(0);
  const before = product.output.length;
  await product.start();
  const second = plain(product.output.slice(before));
  expect(second).toContain(product.url);
  expect(second).not.toContain(password);
  expect(second.match(generated)).toBeNull();
  const again = api(product.url, await signIn(product, 'admin', password));
  expect((await getDatabase(again, database_id)).status).toBe('active');
});

test('a given password is not printed, and later starts do not touch it', async () => {
  const product = await up();
  await signIn(product, 'admin', product.adminPassword);
  expect(product.output).not.toContain(product.adminPassword);
  await product.restart({ BACKYARD_ADMIN_PASSWORD: 'Another-Password-11' });
  await signIn(product, 'admin', product.adminPassword);
  expect(product.output).not.toMatch(/Another-Password-11/);
});

test('the administrator may have another name; the default login does not exist', async () => {
  const product = await up({ env: { BACKYARD_ADMIN_USERNAME: 'root' } });
  await signIn(product, 'root', product.adminPassword);
  const { status } = await api(product.url).post('/api/v1/auth/login', {
    username: 'admin',
    password: 'admin',
  });
  expect(status).toBe(401);
});

test('it runs in a directory that only its user may enter', async () => {
  const outer = freshDirectory();
  const home = join(outer, 'private', 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chmodSync(join(outer, 'private'), 0o700);
  try {
    const product = await up({ home });
    await createDatabase((await theAdmin(product)).api);
    await product.stop();
    for (const directory of [outer, join(outer, 'private'), home]) {
      expect(statSync(directory).mode & 0o777).toBe(0o700);
    }
  } finally {
    await disposeAll();
    rmSync(outer, { recursive: true, force: true });
  }
});

test('it runs on a Postgres of our own, without an embedded one', async () => {
  const host = await up();
  await superuser(host, 'create database its_own');
  const { port, password } = superuserOf(host);
  const guest = await up({
    env: {
      DATABASE_URL: `postgresql://postgres:${password}@127.0.0.1:${port}/its_own`,
      SECRET_KEY: 'Zq8-vN3xT6-pL9wR2-mK5yB7-hC4gD1-sF0',
    },
  });
  // Which pg_dump there is, is asked at every start: a process of a moment.
  await until(() => processesUsing(guest.home).length === 1, { what: 'the server is alone' });
  const admin = await theAdmin(guest);
  const database = await createDatabase(admin.api);
  const { connection } = await createPgUser(admin.api, database.database_id, 'write');
  expect(connection).toMatchObject({ host: '127.0.0.1', port });
  expect(await refusal(connection)).toBeUndefined();
  await guest.stop();
  expect(guest.output).not.toContain(password);
});

test('npm start, and Ctrl-C at its terminal', async () => {
  const product = await make();
  const npm = spawn('npm', ['start'], {
    cwd: projectRoot,
    env: product.env,
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => npm.once('exit', resolve));
  try {
    await until(() => answersOk(`${product.url}/health/ready`), {
      what: 'npm start is ready',
      timeoutMs: 60_000,
    });
  } finally {
    // A terminal sends the signal to every process in the foreground, npm and the server alike.
    process.kill(-(npm.pid ?? 0), 'SIGINT');
  }
  await until(() => processesUsing(product.home).length === 0, {
    what: 'all processes ended',
    timeoutMs: 10_000,
  });
  await ended;
  expect(processesUsing(product.home)).toEqual([]);
});
