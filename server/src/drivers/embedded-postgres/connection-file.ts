/**
 * `postgres.json` in the data directory: what people's connection strings depend on, so it is written once
 * and kept. It must be on the disk before the cluster is: a cluster whose password nobody knows is lost.
 */
import { randomInt } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../../kernel/fault.ts';

export interface PostgresConnection {
  readonly port: number;
  readonly password: string;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PASSWORD_LENGTH = 32;

/** 32 characters of base62: about 190 bits, and nothing to escape in a connection string. */
export function newPassword(): string {
  return Array.from({ length: PASSWORD_LENGTH }, () => BASE62[randomInt(BASE62.length)]).join('');
}

/** `undefined` when there is no file. Fault `config.postgres-connection-file` when it cannot be used. */
export async function findConnection(file: string): Promise<PostgresConnection | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw connectionFileFault(file, `cannot be read (${error.code}); start Backyard as the user who owns it`);
  });
  return text === undefined ? undefined : parseConnection(file, text);
}

/** Writes the file whole or not at all, readable by its owner alone. */
export async function writeConnection(file: string, connection: PostgresConnection): Promise<void> {
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(`${JSON.stringify(connection, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await syncDir(dirname(file));
}

/** Makes renames in a directory survive a power cut. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseConnection(file: string, text: string): PostgresConnection {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text holds the password.
    throw connectionFileFault(file, 'is not JSON');
  }
  const { port, password } = (parsed ?? {}) as { port?: unknown; password?: unknown };
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw connectionFileFault(file, 'has no "port" between 1 and 65535');
  }
  if (typeof password !== 'string' || password === '') throw connectionFileFault(file, 'has no "password"');
  return { port, password };
}

function connectionFileFault(file: string, what: string): Fault {
  return new Fault(
    'config.postgres-connection-file',
    `${file}, which holds the port and password of the ` + `embedded Postgres, ${what}.`,
    { file },
  );
}
