/**
 * The few pages that people need without a dashboard: to sign in and out, and to approve the sign-in of a program.
 * Rendered here, without scripts. They are no contract: programs use the API.
 */
import fastifyFormbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../kit/problem.ts';
import { deviceRoute } from './device.ts';
import { problemPage } from './problem-page.ts';
import { mountPage, sendPage } from './serve-page.ts';
import { signInRoute } from './sign-in.ts';
import { signOutRoute } from './sign-out.ts';
import { CONTENT_SECURITY_POLICY } from './stylesheet.ts';
import type { PageMounting } from './visit.ts';

const BODY_LIMIT = 16_384;

/** Serves `/sign-in`, `/sign-out` and `/device`. */
export function mountPages(app: FastifyInstance, mounting: PageMounting): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.register(fastifyFormbody, { bodyLimit: BODY_LIMIT });
    scope.addHook('onRequest', async (_request, reply) => setPageHeaders(reply));
    scope.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
    for (const route of [signInRoute, signOutRoute, deviceRoute]) mountPage(scope, route, mounting);
    done();
  });
}

function setPageHeaders(reply: FastifyReply): void {
  reply.header('cache-control', 'no-store');
  reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  // What is for people is not for pages of other origins.
  reply.header('cross-origin-resource-policy', 'same-origin');
  reply.removeHeader('access-control-allow-origin');
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const retryAfter = reply.getHeader('retry-after');
  const page = problemPage(problemOf(error), {
    retryAfterSeconds: retryAfter === undefined ? undefined : Number(retryAfter),
    requestId: request.id,
    back: request.routeOptions.url ?? '/',
  });
  if (page.status >= 500) request.log.error({ err: error, page: request.routeOptions.url }, 'a page failed');
  return sendPage(reply, page);
}
