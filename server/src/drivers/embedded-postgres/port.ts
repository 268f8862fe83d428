import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Fault } from '../../kernel/fault.ts';

export const HOST = '127.0.0.1';
const PREFERRED_PORT = 54329;

/** `preferred` when it is free (0 means that any will do), else a free port that the system picks. */
export async function chooseFreePort(preferred: number = PREFERRED_PORT): Promise<number> {
  const port = (await tryPort(preferred)) ?? (await tryPort(0));
  if (port === undefined) throw new Fault('config.postgres-port-taken', `There is no free port on ${HOST}.`);
  return port;
}

/** Fault `config.postgres-port-taken` when some other program listens on the port. */
export async function requireFreePort(port: number, stateFile: string): Promise<void> {
  if ((await tryPort(port)) !== undefined) return;
  throw new Fault(
    'config.postgres-port-taken',
    `Port ${port} on ${HOST} is taken by another program, and the embedded Postgres has used it since its first ` +
      `start. Stop that program; or change "port" in ${stateFile}, and with it every connection string given out.`,
    { port },
  );
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: HOST, exclusive: true });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    server.close();
  }
}
