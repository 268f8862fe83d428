/** Headers that tell browsers what may be done with our answers. */
import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
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

/** Puts the security headers on every answer, and lets pages of the listed origins read the API without cookies. */
export async function guardResponses(app: FastifyInstance, web: WebSettings): Promise<void> {
  await app.register(fastifyHelmet, {
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
  await app.register(fastifyCors, {
    origin: web.corsOrigins === '*' ? '*' : [...web.corsOrigins],
    // A cookie of ours must never work for a page of another origin.
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
}

/** For answers to what no route and no hook ever saw, such as a path that cannot be decoded. */
export const BARE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none';base-uri 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
};
