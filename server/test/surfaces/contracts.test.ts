import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { pathsOf, publicContracts } from '@backyard/contracts';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPublicPort } from '../../src/surfaces/public-port.ts';
import { operationSuite } from '../operations/support/operation-suite.ts';
import { WEB } from './support/port-suite.ts';

const suite = operationSuite();
/** `<method> <path>` of every route that the built server has. */
const registered = new Set<string>();
let app: FastifyInstance;

/** Every new server is watched from its first moment: routes register while it is built. */
function watch(message: unknown): void {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) registered.add(`${one} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
}

beforeAll(async () => {
  subscribe('fastify.initialization', watch);
  app = await buildPublicPort(suite.context, WEB);
  unsubscribe('fastify.initialization', watch);
});
afterAll(() => app.close());

const promised = publicContracts.flatMap((contract) =>
  contract.routes.flatMap((route) => pathsOf(route).map((path) => `${route.method} ${path}`)),
);

describe('contracts and routes', () => {
  test('every route of a contract is served', () => {
    expect(promised.length).toBeGreaterThan(30);
    expect(promised.filter((route) => !registered.has(route))).toEqual([]);
  });

  test('every route that is served stands in a contract, but for documents and pages', () => {
    const known = new Set(promised);
    // The framework answers HEAD wherever there is GET.
    const isTwin = (route: string) => known.has(route.replace(/^HEAD /, 'GET '));
    const others = [...registered].filter((route) => !known.has(route) && !isTwin(route));
    const documents =
      /^(GET|HEAD) \/($|docs(\/|$)|api\/openapi\.json$)|^[A-Z]+ \/(sign-in|sign-out|device)$|^OPTIONS \*$/;
    expect(others.filter((route) => !documents.test(route))).toEqual([]);
    expect(others).toContain('GET /api/openapi.json');
  });

  test('no route hides below a prefix of a contract without standing in it', () => {
    const known = new Set(promised);
    const below = [...registered].filter((route) => {
      const path = route.slice(route.indexOf(' ') + 1);
      return publicContracts.some(({ prefixes }) =>
        prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
      );
    });
    expect(below.length).toBeGreaterThanOrEqual(promised.length);
    expect(below.filter((route) => !known.has(route) && !known.has(route.replace('HEAD', 'GET')))).toEqual(
      [],
    );
  });

  test('the document that clients read has the same routes', async () => {
    const document = (await app.inject('/api/openapi.json')).json<{ paths: Record<string, object> }>();
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual([...promised].sort());
  });
});

describe('every route that is not for anyone', () => {
  const closed = publicContracts.flatMap((contract) =>
    contract.routes
      .filter(({ access }) => access !== 'anyone')
      .flatMap((route) => pathsOf(route).map((path) => ({ method: route.method, path }))),
  );

  test.each(closed)(
    '$method $path refuses who shows no credential, before it looks at anything',
    async ({ method, path }) => {
      const url = path.replaceAll(/\{\w+\}/g, 'no-such-id');
      const headers = { 'content-type': 'application/json' };
      for (const authorization of [undefined, 'Bearer swordfish']) {
        const withCredential = { ...headers, ...(authorization && { authorization }) };
        const response = await app.inject({ method, url, headers: withCredential, payload: '{"broken' });
        expect(response.statusCode).toBe(401);
        expect(response.headers['www-authenticate']).toBe('Bearer');
      }
    },
  );
});
