import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { listenFault, requireFreeListenPort } from './listen-port.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return (server.address() as { port: number }).port;
}

describe('the port', () => {
  test('is tried and left free', async () => {
    await expect(requireFreeListenPort('127.0.0.1', 0)).resolves.toBeUndefined();
    const port = await listen();
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await requireFreeListenPort('127.0.0.1', port);
    await expect(requireFreeListenPort('127.0.0.1', port)).resolves.toBeUndefined();
  });

  test('that is taken is told with what to do', async () => {
    const port = await listen();
    await expect(requireFreeListenPort('127.0.0.1', port)).rejects.toMatchObject({
      code: 'config.port-in-use',
      message: expect.stringMatching(`^Port ${port} on 127.0.0.1 is in use by .*BACKYARD_PORT`),
    });
  });

  test('at an address that this machine has not is told too', async () => {
    // TEST-NET-1 of RFC 5737 belongs to nobody.
    await expect(requireFreeListenPort('192.0.2.1', 0)).rejects.toMatchObject({ code: 'config.host' });
  });

  test('what is no fault of the configuration stays as it is', async () => {
    const denied = Object.assign(new Error('no'), { code: 'EACCES' });
    expect(await listenFault(denied, '127.0.0.1', 80)).toMatchObject({ code: 'config.port-denied' });
    const odd = new Error('odd');
    expect(await listenFault(odd, '127.0.0.1', 80)).toBe(odd);
  });
});
