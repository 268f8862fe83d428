/** The way of one request through the gateway. */
import type { Identity } from '../auth/identity.ts';
import { RestFault } from '../fault.ts';
import { checkOpenApiEnabled, renderOpenApi } from '../openapi/render-openapi.ts';
import { planRequest } from '../plan/plan-request.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { parseRequest } from '../request/parse-request.ts';
import { presentPreflight } from '../respond/cors.ts';
import { describe } from '../respond/describe.ts';
import { faultOf, presentFault } from '../respond/fault-response.ts';
import { presentDocument } from '../respond/present-document.ts';
import { respond } from '../respond/respond.ts';
import { listUsable } from '../run/list-usable.ts';
import { runScript } from '../run/run-script.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import { renderScript } from '../sql/render-script.ts';
import type { RestRequest, RestResponse } from './exchange.ts';
import { StageClock } from './stage-clock.ts';
import type { TenantRuntime } from './tenant-runtime.ts';

/**
 * Never rejects. As in PostgREST, who asks is looked at before what is asked.
 * @param onUnexpected is told of errors that are nobody's fault but ours.
 */
export async function answerRequest(
  runtime: TenantRuntime,
  raw: RestRequest,
  onUnexpected: (error: unknown) => void,
): Promise<RestResponse> {
  const { settings } = runtime;
  const preflight = presentPreflight(raw, settings);
  if (preflight !== undefined) return preflight;
  const clock = new StageClock();
  let identity: Identity | undefined;
  try {
    const known = await runtime.authenticate(raw.headers);
    identity = known;
    clock.end('jwt');
    const request = parseRequest(raw, settings);
    clock.end('parse');
    const response = await runtime.use(() =>
      runtime.admission.run(() => answer(runtime, request, known, clock)),
    );
    return traced(response, raw, runtime);
  } catch (error) {
    const isAnonymous = identity === undefined || identity.role === settings.dbAnonRole;
    if (faultOf(error, { isAnonymous }).code === 'PGRSTX00') onUnexpected(error);
    const context = { isAnonymous, isHead: raw.method === 'HEAD', headers: raw.headers, settings };
    return traced(presentFault(error, context), raw, runtime);
  }
}

async function answer(
  runtime: TenantRuntime,
  request: ApiRequest,
  identity: Identity,
  clock: StageClock,
): Promise<RestResponse> {
  const cache = await runtime.getSchema();
  const { settings, pool } = runtime;
  clock.restart();
  if (request.action === 'inspect') return inspect(runtime, request, identity, cache, clock);
  if (request.action === 'describe') return describe(request, cache, settings);
  const plan = planRequest(request, cache, settings);
  const script = renderScript(request, plan, identity, cache, settings);
  clock.end('plan');
  const result = await runScript(pool, script, plan, settings, request);
  clock.end('transaction');
  const response = respond(request, plan, { ...result, timings: clock.stages }, cache, settings);
  if (!settings.serverTimingEnabled) return response;
  clock.end('response');
  return withResponseStage(response, clock);
}

async function inspect(
  runtime: TenantRuntime,
  request: ApiRequest,
  identity: Identity,
  cache: SchemaCache,
  clock: StageClock,
): Promise<RestResponse> {
  const { settings, pool } = runtime;
  checkOpenApiEnabled(settings);
  checkAccept(request);
  clock.end('plan');
  const isFree = settings.openapiMode === 'ignore-privileges';
  const usable = isFree ? null : await listUsable(pool, request, identity, cache, settings);
  clock.end('transaction');
  const document = renderOpenApi(cache, settings, {
    schema: request.schema,
    tables: usable?.tables ?? null,
    routines: usable?.routines ?? null,
  });
  return presentDocument(request, document, settings);
}

const DOCUMENT_TYPES = ['application/openapi+json', 'application/json', '*/*', 'application/*'];

function checkAccept({ accept }: ApiRequest): void {
  if (accept.some(({ type }) => DOCUMENT_TYPES.includes(type))) return;
  const types = accept.map(({ type }) => type).join(', ');
  throw new RestFault(406, 'PGRST107', `None of these media types are available: ${types}`);
}

/** `respond` cannot know how long it took. */
function withResponseStage(response: RestResponse, { stages }: StageClock): RestResponse {
  const timing = response.headers['server-timing'];
  if (typeof timing !== 'string' || timing.includes('response;')) return response;
  const value = `${timing}, response;dur=${(stages.response ?? 0).toFixed(1)}`;
  return { ...response, headers: { ...response.headers, 'server-timing': value } };
}

/** The header that `server-trace-header` names goes back as it came. */
function traced(response: RestResponse, { headers }: RestRequest, { settings }: TenantRuntime): RestResponse {
  const name = settings.serverTraceHeader?.toLowerCase();
  const value = name === undefined ? undefined : headers[name];
  if (name === undefined || value === undefined) return response;
  return { ...response, headers: { ...response.headers, [name]: Buffer.from(value).toString('latin1') } };
}
