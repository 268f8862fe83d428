import { Readable } from 'node:stream';
import { BODILESS_STATUSES, pathsOf, type Route } from '@backyard/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import type { Caller } from '../../domain/caller.ts';
import type { Context } from '../../operations/context.ts';
import { authenticate } from '../../operations/identity/authenticate.ts';
import { assertAdmin } from '../../operations/operation.ts';
import { isCrossSite, presentedBy, RequestBrowser } from './browser.ts';
import { type FieldCheck, fieldCheck, type Part } from './field-fault.ts';
import { dropBodies, streamBodies } from './json-body.ts';
import { type Answer, ProblemError, problemOf } from './problem.ts';
import { takeAddressToken, takeUserToken } from './rate-limits.ts';
import type { ReadCache } from './read-cache.ts';
import type { RouteRequest, Surface } from './surface.ts';
import type { WebSettings } from './web-settings.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

/** `{id}` of OpenAPI is `:id` to the router. */
function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

export interface Mounting {
  readonly context: Context;
  readonly cache: ReadCache;
  readonly web: WebSettings;
}

/**
 * Serves every route of a surface. The order is that of all contracts: credential, rate limit, role, path, body,
 * then the operation with its lookups.
 */
export function mountSurface(app: FastifyInstance, surface: Surface, mounting: Mounting): void {
  for (const route of surface.contract.routes) {
    const serve = serveOf(surface, route, mounting);
    const mount = (scope: FastifyInstance) => {
      for (const path of pathsOf(route)) mountRoute(scope, surface, route, path, mounting, serve);
    };
    const readBodies = route.upload ? streamBodies : route.ignoresBody ? dropBodies : undefined;
    if (!readBodies) mount(app);
    else {
      // Parsers belong to a scope, and these bodies must not be read as JSON.
      app.register((scope, _options, done) => {
        readBodies(scope);
        mount(scope);
        done();
      });
    }
  }
}

type Serve = (request: FastifyRequest, reply: FastifyReply) => Promise<Answer>;

function serveOf(surface: Surface, route: Route, { context, cache, web }: Mounting): Serve {
  const implementation = surface.implementations[route.operation];
  if (!implementation) throw new Error(`${route.operation} has no implementation`);
  const serve: Serve = (request) =>
    implementation({
      context,
      caller: request.caller as RouteRequest['caller'],
      origin: {
        requestId: request.id,
        address: request.ip,
        userAgent: request.headers['user-agent'] ?? null,
      },
      params: request.params as undefined,
      query: request.query as undefined,
      body: (request.body ?? {}) as unknown as undefined,
      upload: request.body instanceof Readable ? request.body : undefined,
      raw: {
        params: request.params as Record<string, string>,
        query: request.query as Record<string, unknown>,
        body: request.body,
      },
      browser: new RequestBrowser(request, web),
    });
  if (surface.remembered.has(route.operation)) return remembering(serve, cache);
  return route.method === 'GET' ? serve : forgetting(serve, cache);
}

/** Node sends a short text in one piece with the headers; a long one is cheaper encoded once. */
const SMALL_LENGTH = 4_096;

function remembering(serve: Serve, cache: ReadCache): Serve {
  return async (request, reply) => {
    const { caller } = request;
    if (!caller) return serve(request, reply);
    const known = cache.find(caller, request.url);
    if (known) return known;
    const version = cache.version(caller);
    const { status, body, headers } = await serve(request, reply);
    const text = reply.code(status).serialize(body) as string;
    const answer = { status, body: text.length < SMALL_LENGTH ? text : Buffer.from(text), headers };
    cache.remember(caller, request.url, answer, version);
    return answer;
  };
}

/** Also a change that failed may have changed something. */
function forgetting(serve: Serve, cache: ReadCache): Serve {
  return async (request, reply) => {
    try {
      return await serve(request, reply);
    } finally {
      if (request.caller) cache.forget(request.caller);
    }
  };
}

function mountRoute(
  app: FastifyInstance,
  surface: Surface,
  route: Route,
  path: string,
  mounting: Mounting,
  serve: Serve,
): void {
  const isChecked = !surface.readsItself.has(route.operation);
  const checkParams = checkOf('params', isChecked ? route.params : undefined);
  const checkQuery = checkOf('query', isChecked ? route.query : undefined);
  const checkBody = checkOf('body', isChecked ? route.body : undefined);
  const admit = admitOf(route, path, mounting);
  app.route({
    method: route.method,
    url: routerPath(path),
    ...(route.upload && { bodyLimit: mounting.context.postgres.restoreMaxBytes }),
    schema: { response: responseSchemas(route) },
    onRequest: async (request, reply) => {
      await admit(request, reply);
      checkParams(request.params);
      checkQuery(request.query);
    },
    errorHandler: (error, request, reply) => answerProblem(surface, route, error, request, reply),
    handler: async (request, reply) => {
      if (route.body) checkBody(request.body === undefined && isBodyOptional(route.body) ? {} : request.body);
      return send(reply, await serve(request, reply));
    },
  });
}

type Admit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Who asks, whether they ask too often, and whether the route is for them: before anything else is read. */
function admitOf(route: Route, path: string, { context, web }: Mounting): Admit {
  const isLimited = path.startsWith('/api/v1/');
  return async (request, reply) => {
    if (route.limit) await takeAddressToken(route.limit, context, web, request, reply);
    if (route.access === 'anyone') return;
    const caller = await authenticate(context, presentedBy(request, web));
    request.caller = caller;
    if (caller.isAmbient && isCrossSite(request, web)) throw new ProblemError({ kind: 'cross-site' });
    if (isLimited) await takeUserToken(context, caller, reply);
    if (route.access === 'admin') assertAdmin(caller);
  };
}

function isBodyOptional(schema: TSchema): boolean {
  return ((schema as { required?: readonly string[] }).required ?? []).length === 0;
}

function responseSchemas(route: Route): Record<string, TSchema> {
  const withBody = Object.entries(route.responses).filter(
    ([status]) => !BODILESS_STATUSES.has(Number(status)) && !(route.download && status === '200'),
  );
  return Object.fromEntries(withBody);
}

function checkOf(part: Part, schema: TSchema | undefined): (value: unknown) => void {
  if (!schema) return () => undefined;
  const check: FieldCheck = fieldCheck(part, schema);
  return (value) => {
    const [first, ...rest] = check(value);
    if (first) throw new ProblemError({ kind: 'fields', fields: [first, ...rest], whole: value });
  };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers) reply.headers(answer.headers);
  if (BODILESS_STATUSES.has(answer.status)) return reply.send();
  // Bytes and text are JSON that was rendered before; everything else goes through the response schema.
  if (Buffer.isBuffer(answer.body) || typeof answer.body === 'string')
    reply.type('application/json; charset=utf-8');
  return reply.send(answer.body);
}

function answerProblem(
  surface: Surface,
  route: Route,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error);
  const answer = surface.present(problem, route);
  if (answer.status >= 500) request.log.error({ err: error, operation: route.operation }, 'a request failed');
  return send(reply, answer);
}
