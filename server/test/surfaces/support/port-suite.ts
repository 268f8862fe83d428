import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import type { Caller } from '../../../src/domain/caller.ts';
import { AddressList } from '../../../src/kernel/address-list.ts';
import type { WebSettings } from '../../../src/surfaces/kit/web-settings.ts';
import { buildPublicPort } from '../../../src/surfaces/public-port.ts';
import { type OperationSuite, operationSuite } from '../../operations/support/operation-suite.ts';

export interface PortSuite {
  readonly operations: OperationSuite;
  readonly app: FastifyInstance;
  /** The `Authorization` header of somebody's session. */
  bearerOf(caller: Caller): Promise<string>;
  /** Sends a request as a person who is signed in, unless told otherwise. */
  send(options: InjectOptions & { authorization?: string }): Promise<LightMyRequestResponse>;
}

/** Directly reached, with limits that no suite meets by chance. */
export const WEB: WebSettings = {
  publicUrl: null,
  trustedProxies: new AddressList(),
  trustedHeader: null,
  corsOrigins: '*',
  hstsSeconds: null,
  servesDocs: true,
  loginLimit: { perMinute: 100_000, burst: 100_000 },
};

/** The public port on a database of its own. To be called once in a file. */
export function portSuite(): PortSuite {
  const operations = operationSuite();
  let app: FastifyInstance | undefined;
  let bearer = '';
  const bearerOf = async (caller: Caller) =>
    `Bearer ${(await operations.startSession(caller.userId, 'bearer')).secret}`;
  const port = () => {
    if (app === undefined) throw new Error('the suite has not begun');
    return app;
  };
  beforeAll(async () => {
    app = await buildPublicPort(operations.context, WEB);
    bearer = await bearerOf(await operations.newCaller());
  });
  afterAll(() => app?.close());
  return {
    operations,
    get app() {
      return port();
    },
    bearerOf,
    send: ({ authorization = bearer, headers, ...rest }) =>
      port().inject({ ...rest, headers: { authorization, ...headers } }),
  };
}
