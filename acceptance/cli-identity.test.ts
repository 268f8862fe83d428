/** Sign-in, sign-out, sessions and the own password from the command line, against the started product. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { api, exchange } from './support/api.ts';
import { createPerson, type Person, signIn } from './support/people.ts';
import { freePort, freshDirectory, useProduct } from './support/product.ts';
import { type Finished, node, projectRoot, runProgram } from './support/program.ts';
import { until } from './support/until.ts';

const product = useProduct();
const program = join(projectRoot, 'cli/bin/backyard.js');
let home: string;
let alice: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
});

beforeEach(() => {
  home = freshDirectory();
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Setting {
  readonly stdin?: string;
  /** Who asks; else the stored sign-in counts. */
  readonly token?: string | undefined;
}

function environment(token = ''): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, HOME: home, BACKYARD_URL: product().url, BACKYARD_TOKEN: token };
}

function backyard(args: readonly string[], { stdin = '', token }: Setting = {}): Promise<Finished> {
  return runProgram(node, [program, ...args], { cwd: home, env: environment(token), stdin });
}

async function succeed(args: readonly string[], setting: Setting = {}): Promise<string> {
  const done = await backyard(args, setting);
  expect(done, done.output).toMatchObject({ code: 0, stderr: '' });
  return done.stdout;
}

async function succeedAsJson<T>(args: readonly string[], setting: Setting = {}): Promise<T> {
  return JSON.parse(await succeed([...args, '--json'], setting)) as T;
}

/** The words of a command that fails. */
async function fail(code: number, args: readonly string[], setting: Setting = {}): Promise<string> {
  const done = await backyard(args, setting);
  expect(done, done.output).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^error: /) });
  return done.stderr;
}

function configPath(): string {
  return join(home, '.config/backyard/config.json');
}

function storedToken(): string {
  return (JSON.parse(readFileSync(configPath(), 'utf8')) as { token: string }).token;
}

async function statusOf(token: string): Promise<number> {
  return (await api(product().url, token).get('/api/v1/auth/me')).status;
}

async function login({ username, password }: Pick<Person, 'username' | 'password'>): Promise<string> {
  await succeed(['login', '--username', username, '--password-stdin'], { stdin: `${password}\n` });
  return storedToken();
}

describe('logout', () => {
  test('makes the token worthless, also for whoever copied it', async () => {
    const token = await login(alice);
    expect(await statusOf(token)).toBe(200);
    expect(await succeed(['logout'])).toBe(`Signed out of ${product().url}.\n`);
    expect(await statusOf(token)).toBe(401);
    expect(existsSync(configPath())).toBe(false);
    expect(await fail(3, ['whoami'])).toContain('backyard login');
    await succeed(['logout']);
  });

  test('is quiet when the server has ended the session already', async () => {
    await login(alice);
    await alice.api.delete('/api/v1/auth/sessions');
    await succeed(['logout']);
    expect(existsSync(configPath())).toBe(false);
  });

  test('forgets, and warns, when the server is away or what is stored is damaged', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    for (const text of [JSON.stringify({ url, token: 'secret-token', username: 'ada' }), '{"url": ']) {
      mkdirSync(dirname(configPath()), { recursive: true });
      writeFileSync(configPath(), text);
      const done = await backyard(['logout']);
      expect(done, done.output).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Signed out/) });
      expect(done.stderr).toMatch(/^warning: [^\n]+ It lives on until it expires, [^\n]+\n$/);
      expect(done.stderr).not.toContain('secret-token');
      expect(existsSync(configPath())).toBe(false);
    }
  });
});

interface WebLogin {
  readonly code: string;
  readonly address: string;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  interrupt(): void;
}

/** `backyard login --web` up to the moment in which it waits. */
async function startWebLogin(args: readonly string[] = []): Promise<WebLogin> {
  const child = spawn(node, [program, 'login', '--web', ...args], { cwd: home, env: environment() });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }));
  const shown = /^Open (\S+\?code=([A-Z]{4}-[A-Z]{4})) and approve it\.\n.*\2/;
  const found = await until(() => shown.exec(text.stderr) ?? undefined, { what: 'a code is shown' });
  return { address: found[1] ?? '', code: found[2] ?? '', ended, interrupt: () => child.kill('SIGINT') };
}

/** Signs Alice in as a browser does, and gives her cookie. */
async function browserCookie(): Promise<string> {
  const { username, password } = alice;
  const answer = await api(product().url).post('/api/v1/auth/sessions', { username, password });
  expect(answer.status, answer.text).toBe(201);
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** Sends the form of the page that the command names. */
async function decide(code: string, decision: 'approve' | 'deny'): Promise<void> {
  const cookie = await browserCookie();
  const page = await exchange(product().url, {
    method: 'GET',
    path: `/device?code=${code}`,
    headers: { cookie },
  });
  expect(page.text).toContain(`backyard on ${hostname()}`);
  const answer = await exchange(product().url, {
    method: 'POST',
    path: '/device',
    headers: { cookie, origin: product().url, 'content-type': 'application/x-www-form-urlencoded' },
    raw: new URLSearchParams({ code, decision }).toString(),
  });
  expect(answer.status, answer.text).toBe(200);
}

describe('login --web', () => {
  test('signs in whoever approves the code, and shows no secret', async () => {
    const { address, code, ended } = await startWebLogin();
    expect(new URL(address)).toMatchObject({ origin: product().url, pathname: '/device' });
    await decide(code, 'approve');
    const done = await ended;
    expect(done).toMatchObject({
      code: 0,
      stdout: `Signed in to ${product().url} as ${alice.username}.\n`,
    });
    expect(statSync(configPath()).mode & 0o777).toBe(0o600);
    expect(done.stdout + done.stderr).not.toContain(storedToken());
    expect(await succeed(['whoami'])).toContain(alice.username);
    expect(await succeed(['sessions', 'list'])).toMatch(/ device .* this sign-in\n/);
    await succeed(['logout']);
  });

  test('with --json prints the answer alone on standard output', async () => {
    const { code, ended } = await startWebLogin(['--json', '--quiet']);
    await decide(code, 'approve');
    const { stdout } = await ended;
    expect(JSON.parse(stdout)).toMatchObject({ token: storedToken(), token_type: 'bearer' });
  });

  test('ends with exit code 3 when it is denied', async () => {
    const { code, ended } = await startWebLogin();
    await decide(code, 'deny');
    const done = await ended;
    expect(done).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/error: .* denied/) });
    expect(existsSync(configPath())).toBe(false);
  });

  test('ends with exit code 130 at Ctrl-C', async () => {
    const { ended, interrupt } = await startWebLogin();
    interrupt();
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('error: cancelled.') });
    expect(existsSync(configPath())).toBe(false);
  });
});

interface SessionList {
  readonly sessions: readonly { readonly id: string; readonly is_current: boolean }[];
}

test('sessions are listed and ended, one by one or all but this one', async () => {
  await alice.api.delete('/api/v1/auth/sessions');
  const others = [];
  for (let count = 0; count < 3; count += 1) {
    others.push(await signIn(product(), alice.username, alice.password));
  }
  const own = await login(alice);
  const { sessions } = await succeedAsJson<SessionList>(['sessions', 'list']);
  expect(sessions.map((session) => session.is_current)).toEqual([true, false, false, false]);
  const newest = sessions[1]?.id ?? '';
  expect(await succeed(['sessions', 'revoke', newest])).toBe(`Ended session ${newest}.\n`);
  expect(await Promise.all(others.map(statusOf))).toEqual([200, 200, 401]);
  expect(await succeed(['sessions', 'revoke', '--others'])).toBe('Ended 2 other sessions.\n');
  expect(await Promise.all(others.map(statusOf))).toEqual([401, 401, 401]);
  expect(await statusOf(own)).toBe(200);
  expect(await fail(4, ['sessions', 'revoke', 'no-such-session'])).toContain('not found');
  await fail(2, ['sessions', 'revoke']);
  await fail(2, ['sessions', 'revoke', newest, '--others']);
});

test('a new password ends the old sign-ins and goes on with a new one', async () => {
  const carol = await createPerson(product(), 'carol');
  const before = await login(carol);
  const change = ['passwd', '--password-stdin'];
  expect(await fail(6, change, { stdin: 'wrong\nnew-Password-1\n' })).toContain('is wrong');
  expect(await fail(2, change, { stdin: `${carol.password}\nshort\n` })).toContain('8 to 1024');
  expect(await fail(2, change, { stdin: `${carol.password}\n` })).toContain('two lines');
  expect(await fail(2, ['passwd'])).toContain('--password-stdin');
  expect(storedToken()).toBe(before);
  const said = await succeed(change, { stdin: `${carol.password}\nnew-Password-1\n` });
  expect(said).toContain('Password changed.');
  expect(storedToken()).not.toBe(before);
  expect(await Promise.all([before, carol.jwt, storedToken()].map(statusOf))).toEqual([401, 401, 200]);
  expect(await succeed(['whoami'], { token: carol.api.token })).toContain(carol.username);
  await login({ ...carol, password: 'new-Password-1' });
});
