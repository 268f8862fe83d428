import { createServer } from 'node:net';
import { findPortHolder } from '../drivers/command/port-holder.ts';
import { Fault } from '../kernel/fault.ts';

/**
 * Tries the port before anything slow begins, so that a taken one is told at once. Faults:
 * `config.port-in-use`, `config.port-denied`, `config.host`.
 */
export async function requireFreeListenPort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
  } catch (error) {
    throw await listenFault(error, host, port);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** A failed listen in words that say what to set. */
export async function listenFault(error: unknown, host: string, port: number): Promise<unknown> {
  const holder = await findPortHolder(port);
  const user = holder ? `${holder.name} (process ${holder.pid})` : 'another program';
  const texts: Record<string, readonly [string, string]> = {
    EADDRINUSE: [
      'config.port-in-use',
      `Port ${port} on ${host} is in use by ${user}. Stop that one, or set BACKYARD_PORT to a free port.`,
    ],
    EACCES: [
      'config.port-denied',
      `Port ${port} needs rights that this user does not have. Set BACKYARD_PORT to one from 1024 on.`,
    ],
    EADDRNOTAVAIL: [
      'config.host',
      `This machine has no address ${host}. Set BACKYARD_HOST to one that it has, for example 127.0.0.1.`,
    ],
    ENOTFOUND: [
      'config.host',
      `The host ${host} is unknown. Set BACKYARD_HOST to an address like 127.0.0.1.`,
    ],
  };
  const known = texts[(error as NodeJS.ErrnoException).code ?? ''];
  return known ? new Fault(known[0], known[1], { host, port }, error) : error;
}
