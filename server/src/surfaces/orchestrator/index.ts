import type { Route } from '@backyard/contracts';
import { orchestrator } from '@backyard/contracts/orchestrator';
import { Fault } from '../../kernel/fault.ts';
import { VERSION } from '../../kernel/version.ts';
import { createApiKey } from '../../operations/api-key/create.ts';
import { listApiKeys } from '../../operations/api-key/list.ts';
import { revokeApiKey } from '../../operations/api-key/revoke.ts';
import { checkHealth } from '../../operations/health.ts';
import { apiV1Answer, presentApiV1Problem } from '../kit/api-v1-problems.ts';
import type { FieldFault } from '../kit/field-fault.ts';
import type { Answer, PresentProblem } from '../kit/problem.ts';
import { defineSurface } from '../kit/surface.ts';
import { parseTime } from '../kit/time.ts';
import {
  badPathId,
  type FieldEntry,
  fieldEntry,
  invalidExpiry,
  malformedJson,
  notAnObject,
  summary,
} from './field-errors.ts';

function unprocessable(entries: readonly FieldEntry[]): Answer {
  return apiV1Answer(422, entries, summary(entries));
}

const presentProblem: PresentProblem = (problem, route) => {
  switch (problem.kind) {
    case 'fields':
      return presentFields(problem.fields, problem.whole, route);
    case 'malformed-json':
      return unprocessable([malformedJson(problem.offset)]);
    case 'media-type':
      return route?.body ? unprocessable([notAnObject(null)]) : presentApiV1Problem(problem);
    case 'fault':
      if (problem.fault.code === 'api-key.not-found') return apiV1Answer(404, 'Token not found');
      if (problem.fault.code === 'field') return unprocessable([problem.fault.details.entry as FieldEntry]);
      return presentApiV1Problem(problem);
    default:
      return presentApiV1Problem(problem);
  }
};

function fieldFault(entry: FieldEntry): Fault {
  return new Fault('field', entry.msg, { entry });
}

/** The expiry, or what is wrong with it. Whole numbers are Unix seconds. */
function readExpiry(value: unknown): Date | null | FieldEntry {
  if (value === null || value === undefined) return null;
  const time =
    typeof value === 'number'
      ? new Date(value * 1000)
      : typeof value === 'string'
        ? parseTime(value)
        : undefined;
  if (!time || Number.isNaN(time.getTime())) return invalidExpiry(value, 'format');
  return time.getTime() <= Date.now() ? invalidExpiry(value, 'past') : time;
}

function parseExpiry(value: unknown): Date | null {
  const read = readExpiry(value);
  if (read === null || read instanceof Date) return read;
  throw fieldFault(read);
}

/** Also what only this surface can judge is listed beside the other faults of the body. */
function presentFields(fields: readonly FieldFault[], whole: unknown, route: Route | undefined): Answer {
  const entries = fields.filter((fault) => fault.field !== 'expires_at').map(fieldEntry);
  const hasExpiry = route?.operation === 'api-token.create' && isObject(whole);
  const expiry = hasExpiry ? readExpiry(whole.expires_at) : null;
  return unprocessable(expiry === null || expiry instanceof Date ? entries : [...entries, expiry]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LARGEST_OF_OURS = 2_147_483_647n;

/** A UUID is a well-formed id that nothing has, and so is an integer beyond ours. */
function parseTokenId(text: string): number {
  if (UUID.test(text)) throw new Fault('api-key.not-found', 'no token has a UUID');
  const entry = badPathId('token_id', text);
  if (entry) throw fieldFault(entry);
  if (BigInt(text.replace('+', '')) > LARGEST_OF_OURS)
    throw new Fault('api-key.not-found', 'no token has this id');
  return Number(text);
}

export const orchestratorSurface = defineSurface(
  orchestrator,
  {
    'health.get': async () => ({
      status: 200,
      body: { status: 'healthy', service: 'orchestrator-api', version: VERSION },
    }),

    'health.ready': async ({ context }) => {
      const health = await checkHealth(context);
      const status = health.ready ? 'ready' : 'not_ready';
      return {
        status: health.ready ? 200 : 503,
        body: { status, database: health.database, redis: 'not_configured' },
      };
    },

    'api-token.create': async ({ context, caller, origin, body }) => {
      if (body.name.includes('\0')) {
        throw fieldFault({
          type: 'value_error',
          loc: ['body', 'name'],
          msg: 'Value error, name must not contain control characters',
          input: body.name,
          ctx: { error: 'name must not contain control characters' },
        });
      }
      const input = { door: 'token' as const, name: body.name, expiresAt: parseExpiry(body.expires_at) };
      const { key, token } = await createApiKey.invoke(context, { caller, origin, input });
      return {
        status: 200,
        body: {
          id: key.id,
          name: key.name,
          token,
          expires_at: key.expires_at?.toISOString() ?? null,
          created_at: key.created_at.toISOString(),
        },
        headers: { 'cache-control': 'no-store' },
      };
    },

    'api-token.list': async ({ context, caller, origin }) => {
      const keys = await listApiKeys.invoke(context, { caller, origin, input: undefined });
      const tokens = keys.map((key) => ({
        id: key.id,
        name: key.name,
        expires_at: key.expires_at?.toISOString() ?? null,
        is_revoked: key.revoked_at !== null,
        last_used_at: key.last_used_at?.toISOString() ?? null,
        created_at: key.created_at.toISOString(),
        prefix: key.prefix,
      }));
      return { status: 200, body: { tokens, total: tokens.length } };
    },

    'api-token.revoke': async ({ context, caller, origin, params }) => {
      await revokeApiKey.invoke(context, { caller, origin, input: { id: parseTokenId(params.token_id) } });
      return { status: 200, body: { status: 'success', message: 'Token revoked' } };
    },
  },
  presentProblem,
);
