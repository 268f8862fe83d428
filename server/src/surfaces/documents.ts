/** What the API is: one OpenAPI document for programs, and a page that shows it to people. */
import { hash } from 'node:crypto';
import { publicContracts } from '@backyard/contracts';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import { VERSION } from '../kernel/version.ts';
import { renderOpenApi } from './kit/openapi.ts';
import type { WebSettings } from './kit/web-settings.ts';

const INLINE_SCRIPT = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g;

export async function mountDocuments(app: FastifyInstance, web: WebSettings): Promise<void> {
  const document = JSON.stringify(renderOpenApi(publicContracts, VERSION));
  app.get('/api/openapi.json', (_request, reply) => reply.type('application/json').send(document));
  app.get('/', (request, reply) => {
    const isPerson = request.headers.accept?.includes('text/html');
    if (isPerson && web.servesDocs) return reply.redirect('/docs/');
    return reply.send({
      name: 'Backyard',
      version: VERSION,
      health: '/health',
      api: '/api/v1',
      docs: '/docs',
    });
  });
  if (web.servesDocs) await app.register(mountPage);
}

function mountPage(scope: FastifyInstance, _options: object, done: () => void): void {
  scope.addHook('onSend', async (_request, reply, payload) => {
    if (typeof payload === 'string') reply.header('content-security-policy', policyFor(payload));
    return payload;
  });
  scope.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/api/openapi.json',
      withDefaultFonts: false,
      // Nothing of a page of ours asks other people's servers.
      telemetry: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
    },
  });
  done();
}

/** The page's own inline scripts by their hash, and nothing from elsewhere. It makes its styles as it runs. */
function policyFor(page: string): string {
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${hash('sha256', script, 'base64')}'`,
  );
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
