/** Headers that tell browsers what may be done with our answers. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { WebSettings } from './web-settings.ts';

/** Readable by pages of other origins, beside what every answer shows them. */
const EXPOSED = [
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-Id',
  'X-Total-Count',
];
const PREFLIGHT_SECONDS = 600;

/**
 * The security headers of every answer. Helmet decides them once, on a response that goes nowhere: they are always
 * the same, and asking it each time costs a quarter of a small answer.
 */
export function securityHeaders(web: WebSettings): Readonly<Record<string, string>> {
  const decide = helmet({
    // Answers are data: nothing in them may run or load. Pages state their own.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    frameguard: { action: 'deny' },
    // Published: contract orchestrator, section 2.
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    hsts: web.hstsSeconds === null ? false : { maxAge: web.hstsSeconds, includeSubDomains: false },
    // The API is for pages of other origins too, as far as CORS lets them.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  decide(request, response, (error) => {
    if (error) throw error;
  });
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
}

/** Lets pages of the listed origins read the API, without cookies. */
export async function allowOrigins(app: FastifyInstance, web: WebSettings): Promise<void> {
  await app.register(fastifyCors, {
    origin: web.corsOrigins === '*' ? '*' : [...web.corsOrigins],
    // A cookie of ours must never work for a page of another origin.
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
}
