/** The public port: every contract that people and programs reach, on one listener. */

import { randomUUID } from 'node:crypto';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Context } from '../operations/context.ts';
import { mountDocuments } from './documents.ts';
import { identitySurface } from './identity/index.ts';
import { answerClientError } from './kit/client-error.ts';
import { allowOrigins, securityHeaders } from './kit/guard-responses.ts';
import { readJsonBodies } from './kit/json-body.ts';
import { mountSurface } from './kit/mount.ts';
import { type Feeds, mountSocketSurface, upgradesTo } from './kit/mount-sockets.ts';
import { ReadCache } from './kit/read-cache.ts';
import { unrouted } from './kit/unrouted.ts';
import type { WebSettings } from './kit/web-settings.ts';
import { liveSurface } from './live/index.ts';
import { orchestratorSurface } from './orchestrator/index.ts';
import { mountPages } from './pages/index.ts';
import { pgwebSurface } from './pgweb/index.ts';
import { supacontrolSurface } from './supacontrol/index.ts';

const BODY_LIMIT = 1_048_576;
/** For a whole request to arrive, the upload of a large dump over a slow line included. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const MAX_PATH_PART = 1_024;

const surfaces = [pgwebSurface, identitySurface, supacontrolSurface, orchestratorSurface];

const NO_FEEDS: Feeds = { feeds: {}, close: () => undefined };

/** Builds the server; nothing listens yet. It closes the feeds when it closes. */
export async function buildPublicPort(
  context: Context,
  web: WebSettings,
  feeds: Feeds = NO_FEEDS,
): Promise<FastifyInstance> {
  const headers = securityHeaders(web);
  const answerUnrouted = unrouted([...surfaces, liveSurface]);
  const app = Fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { shouldUpgradeCallback: upgradesTo(liveSurface.contract, feeds, context.isStopping) },
    forceCloseConnections: 'idle',
    trustProxy: web.trustedProxies.isEmpty ? false : (address) => web.trustedProxies.includes(address),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    routerOptions: { maxParamLength: MAX_PATH_PART },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headers),
    frameworkErrors: (_error, request, reply) => {
      // No hook has run for such a request.
      reply.headers(headers).header('x-request-id', request.id);
      sendUnrouted(answerUnrouted, request, reply);
    },
  });
  readJsonBodies(app);
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    // CORS takes every OPTIONS. One that asks for no permission is a wrong method like any other.
    const isPreflight = request.headers['access-control-request-method'] !== undefined;
    const isCaught = request.method === 'OPTIONS' && request.routeOptions.url === '*';
    if (isCaught && !isPreflight) return sendUnrouted(answerUnrouted, request, reply);
  });
  await allowOrigins(app, web);
  app.addHook('onResponse', async (request, reply) => logResponse(request, reply));
  app.setNotFoundHandler((request, reply) => sendUnrouted(answerUnrouted, request, reply));
  app.setErrorHandler((error, request, reply) => {
    // What no route takes stays that, whatever its body is.
    if (request.is404) return sendUnrouted(answerUnrouted, request, reply);
    request.log.error({ err: error }, 'a request failed');
    return reply.code(500).send({ message: 'Internal server error', detail: 'Internal server error' });
  });
  const cache = new ReadCache(context.changes);
  for (const surface of surfaces) mountSurface(app, surface, { context, cache, web });
  mountSocketSurface(app, liveSurface, { context, cache, web }, feeds);
  mountPages(app, { context, web });
  await mountDocuments(app, web);
  await app.ready();
  return app;
}

/** A caller may name its request, as long as the name is harmless in a log. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

function sendUnrouted(
  answer: ReturnType<typeof unrouted>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, body, headers } = answer(request.method, request.url);
  return reply
    .code(status)
    .headers(headers ?? {})
    .send(body);
}

/** Query strings stay out of the log: tokens travel there on some routes. */
function logResponse(request: FastifyRequest, reply: FastifyReply): void {
  request.log.info(
    {
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      user: request.caller?.username,
    },
    'request',
  );
}
