import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configPath, deleteLogin, findLogin, writeLogin } from './credentials.ts';

const login = { url: 'http://127.0.0.1:8080', token: 'a-token', username: 'ada' };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backyard-cli-'));
  path = configPath({ XDG_CONFIG_HOME: folder });
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('what was written is found, until it is deleted', async () => {
  expect(await findLogin(path)).toBeUndefined();
  await writeLogin(path, login);
  expect(await findLogin(path)).toEqual(login);
  await deleteLogin(path);
  await deleteLogin(path);
  expect(await findLogin(path)).toBeUndefined();
});

test('only its owner may read the file, also when a wider one was there, and no draft stays', async () => {
  await writeLogin(path, login);
  await rm(path);
  await writeFile(path, '{}', { mode: 0o644 });
  await writeLogin(path, { ...login, token: 'another' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  expect(await readdir(dirname(path))).toEqual(['config.json']);
});

test('many writers at once leave one whole sign-in', async () => {
  const logins = Array.from({ length: 20 }, (_, index) => ({ ...login, token: `token-${index}` }));
  await Promise.all(logins.map((each) => writeLogin(path, each)));
  expect(logins).toContainEqual(JSON.parse(await readFile(path, 'utf8')));
});

test.each(['', 'no json', '[]', '{"url":"http://x","token":7,"username":"ada"}'])(
  'a damaged file (%j) is an error that names it',
  async (text) => {
    await writeLogin(path, login);
    await writeFile(path, text);
    await expect(findLogin(path)).rejects.toThrow(`${path} is damaged`);
  },
);

test('the file lies in XDG_CONFIG_HOME, or in ~/.config where that is absent or relative', () => {
  expect(configPath({ XDG_CONFIG_HOME: '/etc/x' })).toBe('/etc/x/backyard/config.json');
  expect(configPath({ HOME: '/home/ada' })).toBe('/home/ada/.config/backyard/config.json');
  expect(configPath({ HOME: '/home/ada', XDG_CONFIG_HOME: 'x' })).toBe(
    '/home/ada/.config/backyard/config.json',
  );
});
