/** The one sign-in that this person keeps on this machine. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { parseJson } from './refusal.ts';

const StoredLogin = Type.Object({ url: Type.String(), token: Type.String(), username: Type.String() });

export interface StoredLogin {
  readonly url: string;
  readonly token: string;
  readonly username: string;
}

/** `$XDG_CONFIG_HOME/backyard/config.json`; the XDG specification has relative values ignored. */
export function configPath(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CONFIG_HOME: configured = '', HOME: home = homedir() } = environment;
  const folder = isAbsolute(configured) ? configured : join(home, '.config');
  return join(folder, 'backyard', 'config.json');
}

/** Undefined when nobody has signed in; faults when the file holds something else. */
export async function findLogin(path: string): Promise<StoredLogin | undefined> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  const stored = parseJson(text);
  if (Value.Check(StoredLogin, stored)) return stored;
  throw new Failure(exitCodes.failed, `${path} is damaged. Remove it and run \`backyard login\` again.`);
}

/** Replaces the file in one step and readable by its owner only, so that no reader sees half of it. */
export async function writeLogin(path: string, login: StoredLogin): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(login, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Quiet when there is none. */
export async function deleteLogin(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
