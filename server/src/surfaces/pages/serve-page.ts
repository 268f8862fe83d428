import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isCrossSite } from '../kit/browser.ts';
import { ProblemError } from '../kit/problem.ts';
import { takeAddressToken } from '../kit/rate-limits.ts';
import { type Page, renderPage } from './page.ts';
import { type PageMounting, type Visit, visitOf } from './visit.ts';

/** Always 303: whatever was sent, the next request is a GET. */
export interface Redirect {
  /** A local path. */
  readonly location: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Serve = (visit: Visit) => Promise<Page | Redirect>;

export interface PageRoute {
  readonly path: string;
  readonly get: Serve;
  readonly post?: Serve;
  /** Sending the form counts as an attempt to sign in. */
  readonly isSignIn?: boolean;
}

/** Serves a page and takes its form; every other method is refused with the list of those two. */
export function mountPage(scope: FastifyInstance, route: PageRoute, mounting: PageMounting): void {
  const { path, get, post } = route;
  scope.get(path, async (request, reply) => send(reply, await get(visitOf(request, mounting))));
  if (post) {
    scope.post(path, {
      onRequest: (request, reply) => admit(route, mounting, request, reply),
      handler: async (request, reply) => send(reply, await post(visitOf(request, mounting))),
    });
  }
  const served = ['GET', 'HEAD', ...(post ? ['POST'] : [])];
  scope.route({
    method: scope.supportedMethods.filter((method) => !served.includes(method)),
    url: path,
    // Before the body is read: a wrong method is wrong with any.
    onRequest: async () => {
      throw new ProblemError({ kind: 'method', allow: served.join(', ') });
    },
    handler: () => undefined,
  });
}

/** Another site's page can neither sign its visitors in nor use up their attempts. */
async function admit(
  { isSignIn }: PageRoute,
  { context, web }: PageMounting,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (isCrossSite(request, web)) throw new ProblemError({ kind: 'cross-site' });
  if (isSignIn) await takeAddressToken('login', context, web, request, reply);
}

function send(reply: FastifyReply, answer: Page | Redirect): FastifyReply {
  if ('location' in answer) return reply.headers(answer.headers ?? {}).redirect(answer.location, 303);
  return sendPage(reply, answer);
}

export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply
    .code(page.status)
    .headers(page.headers ?? {})
    .type('text/html; charset=utf-8')
    .send(renderPage(page));
}
