/** Servers that say in a sentence why they cannot listen. */
import { once } from 'node:events';
import { chmod, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';

/** The program cannot do what it was asked; the message is for people. */
export class StartFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartFault';
  }
}

const ANY_ADDRESS: Readonly<Record<string, string>> = {
  '*': '::',
  '*4': '0.0.0.0',
  '!4': '0.0.0.0',
  '*6': '::',
  '!6': '::',
};

/** Returns the port, which is another one when `port` is 0. Throws `StartFault`; `variable` names the setting. */
export async function listenOnPort(
  server: Server,
  host: string,
  port: number,
  variable: string,
): Promise<number> {
  await listen(server, { host: ANY_ADDRESS[host] ?? host, port, ipv6Only: host === '!6' }, (code) => {
    const place = `${host}:${port}`;
    if (code === 'EADDRINUSE') return `the port ${port} is in use already: choose another ${variable}`;
    if (code === 'EACCES')
      return `the port ${port} needs rights that this user does not have: see ${variable}`;
    return `cannot listen on ${place} (${code}): see ${variable}`;
  });
  const address = server.address();
  return address === null || typeof address === 'string' ? port : address.port;
}

/** A socket that a server left behind is replaced; any other file stays, and is a `StartFault`. */
export async function listenOnSocket(server: Server, path: string, mode: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isSocket() === true) await rm(path);
  else if (found !== undefined) throw new StartFault(`server-unix-socket: ${path} exists and is no socket`);
  await listen(server, { path }, (code) => `cannot listen on the socket ${path} (${code})`);
  await chmod(path, mode);
}

async function listen(
  server: Server,
  where: { host: string; ipv6Only: boolean; port: number } | { path: string },
  explain: (code: string) => string,
): Promise<void> {
  try {
    server.listen(where);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartFault(explain(code ?? 'unknown reason'));
  }
}
