/** Starting, stopping, crashing and starting again, as a person at a terminal meets it. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { refusal, superuser, superuserOf } from './support/cluster.ts';
import { createPerson, signIn, theAdmin } from './support/people.ts';
import { isRunning, processesUsing } from './support/processes.ts';
import {
  answersOk,
  freePort,
  freshDirectory,
  Product,
  plain,
  postgresPid,
  useProducts,
} from './support/product.ts';
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

test('health is told to each contract in its words, to anybody', async () => {
  const { url } = await up();
  const nobody = api(url);
  expect(await nobody.get('/health')).toMatchObject({
    status: 200,
    body: { status: 'healthy', service: 'orchestrator-api', version: expect.any(String) },
  });
  const ready = await nobody.get('/health/ready');
  expect({ status: ready.status, body: ready.body }).toEqual({
    status: 200,
    body: { status: 'ready', database: 'healthy', redis: 'not_configured' },
  });
  const live = await nobody.get('/healthz');
  expect({ status: live.status, body: live.body }).toEqual({ status: 200, body: { status: 'ok' } });
});

test('readiness tells when the database is gone, and when it is back', async () => {
  const product = await up();
  const pid = postgresPid(product.home) ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    const answer = await until(
      async () => {
        const now = await api(product.url).get('/health/ready');
        return now.status === 503 ? now : undefined;
      },
      { what: 'readiness fails', timeoutMs: 10_000 },
    );
    expect(answer.body).toEqual({ status: 'not_ready', database: 'unhealthy', redis: 'not_configured' });
    expect((await api(product.url).get('/health')).status).toBe(200);
    expect((await api(product.url).get('/healthz')).status).toBe(200);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await until(async () => (await api(product.url).get('/health/ready')).status === 200, {
    what: 'ready again',
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends everything within 10 s, also at work', async () => {
    const product = await up();
    const admin = await theAdmin(product);
    const { database_id } = await createDatabase(admin.api);
    await createPgUser(admin.api, database_id, 'write');
    const work = Promise.allSettled(
      Array.from({ length: 5 }, (_, n) => admin.api.post('/api/databases', { name: `last-moment-${n}` })),
    );
    await product.stop(signal);
    expect(product.exitCode).toBe(0);
    expect(processesUsing(product.home)).toEqual([]);
    const acknowledged = (await work).filter(
      (one) => one.status === 'fulfilled' && one.value.status === 201,
    ).length;
    await product.start();
    const { body } = await (await theAdmin(product)).api.get<readonly { status: string }[]>('/api/databases');
    expect(body.length).toBeGreaterThanOrEqual(acknowledged + 1);
  });
});

describe('after SIGKILL', () => {
  test('the next start takes over the Postgres that still runs', async () => {
    const product = await up();
    const person = await createPerson(product, 'alice');
    const database = await createDatabase(person.api);
    const { connection } = await createPgUser(person.api, database.database_id, 'write');
    const before = postgresPid(product.home);
    await product.kill();
    expect(isRunning(before ?? 0)).toBe(true);
    await product.start();
    expect(postgresPid(product.home)).toBe(before);
    expect(await getDatabase(person.api, database.database_id)).toEqual(database);
    expect(await refusal(connection)).toBeUndefined();
    await product.stop();
    expect(processesUsing(product.home)).toEqual([]);
  });

  test('the next start recovers when Postgres was killed as well', async () => {
    const product = await up();
    const person = await createPerson(product, 'alice');
    const database = await createDatabase(person.api);
    const { connection } = await createPgUser(person.api, database.database_id, 'write');
    await product.kill();
    process.kill(postgresPid(product.home) ?? 0, 'SIGKILL');
    await until(() => processesUsing(product.home).length === 0, { what: 'Postgres is gone' });
    await product.start();
    expect(await getDatabase(person.api, database.database_id)).toEqual(database);
    expect(await refusal(connection)).toBeUndefined();
  });

  test('a Postgres that dies under a running server comes back', async () => {
    const product = await up();
    const person = await createPerson(product, 'alice');
    const before = postgresPid(product.home) ?? 0;
    process.kill(before, 'SIGKILL');
    await until(async () => (await person.api.get('/api/databases').catch(() => undefined))?.status === 200, {
      what: 'the list answers again',
      timeoutMs: 30_000,
    });
    expect(postgresPid(product.home)).not.toBe(before);
    await createDatabase(person.api);
  });
});

test('a second start on the same directory says who holds it', async () => {
  const product = await up();
  const second = new Product(await freePort(), { home: product.home });
  second.launch();
  await second.gone(30_000);
  expect(second.exitCode).not.toBe(0);
  expect(second.output).toContain(product.dataDir);
  expect(second.output).toMatch(new RegExp(`\\b${product.pid}\\b`));
  expect((await api(product.url).get('/health/ready')).status).toBe(200);
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
  expect(processesUsing(guest.home)).toHaveLength(1);
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
