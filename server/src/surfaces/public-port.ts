/** The public port: every contract that people and programs reach, on one listener. */

import { randomUUID } from 'node:crypto';
import { publicContracts } from '@backyard/contracts';
import scalar from '@scalar/fastify-api-reference';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { VERSION } from '../kernel/version.ts';
import type { Context } from '../operations/context.ts';
import { identitySurface } from './identity/index.ts';
import { readJsonBodies } from './kit/json-body.ts';
import { mountSurface } from './kit/mount.ts';
import { renderOpenApi } from './kit/openapi.ts';
import { ReadCache } from './kit/read-cache.ts';
import { unrouted } from './kit/unrouted.ts';
import { orchestratorSurface } from './orchestrator/index.ts';
import { pgwebSurface } from './pgweb/index.ts';
import { supacontrolSurface } from './supacontrol/index.ts';

const BODY_LIMIT = 1_048_576;
/** For a whole request to arrive, the upload of a large dump over a slow line included. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const MAX_PATH_PART = 1_024;

const surfaces = [pgwebSurface, identitySurface, supacontrolSurface, orchestratorSurface];

/** Builds the server; nothing listens yet. */
export async function buildPublicPort(context: Context): Promise<FastifyInstance> {
  const answerUnrouted = unrouted(surfaces);
  const app = Fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    genReqId: (request) => requestId(request.headers['x-request-id']),
    routerOptions: { maxParamLength: MAX_PATH_PART },
    frameworkErrors: (_error, request, reply) => {
      // No hook has run for such a request.
      setPlainHeaders(request, reply);
      sendUnrouted(answerUnrouted, request, reply);
    },
  });
  readJsonBodies(app);
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => setPlainHeaders(request, reply));
  app.addHook('onResponse', async (request, reply) => logResponse(request, reply));
  app.setNotFoundHandler((request, reply) => sendUnrouted(answerUnrouted, request, reply));
  const cache = new ReadCache(context.changes);
  for (const surface of surfaces) mountSurface(app, surface, context, cache);
  mountDocuments(app);
  await app.ready();
  return app;
}

function setPlainHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('x-frame-options', 'DENY');
  reply.header('referrer-policy', 'strict-origin-when-cross-origin');
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

function mountDocuments(app: FastifyInstance): void {
  const document = JSON.stringify(renderOpenApi(publicContracts, VERSION));
  app.get('/api/openapi.json', (_request, reply) => reply.type('application/json').send(document));
  app.get('/', (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return reply.redirect('/docs/');
    return reply.send({
      name: 'Backyard',
      version: VERSION,
      health: '/health',
      api: '/api/v1',
      docs: '/docs',
    });
  });
  app.register(scalar, {
    routePrefix: '/docs',
    configuration: { url: '/api/openapi.json', withDefaultFonts: false, telemetry: false },
  });
}
