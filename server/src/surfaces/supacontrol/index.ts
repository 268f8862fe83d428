import { supacontrol } from '@backyard/contracts/supacontrol';
import { isScope, SCOPES, type Scope } from '../../domain/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { createApiKey } from '../../operations/api-key/create.ts';
import { listApiKeys } from '../../operations/api-key/list.ts';
import { revokeApiKey } from '../../operations/api-key/revoke.ts';
import { apiV1Answer, presentApiV1Problem } from '../kit/api-v1-problems.ts';
import type { FieldFault } from '../kit/field-fault.ts';
import type { PresentProblem } from '../kit/problem.ts';
import { defineSurface } from '../kit/surface.ts';
import { parseTime } from '../kit/time.ts';

const UNKNOWN_SCOPES = `scopes must be a list of known scopes: ${SCOPES.join(', ')}`;

function presentField({ field, rule }: FieldFault) {
  if (field === null) return apiV1Answer(400, 'invalid request body');
  if (field === 'scopes') return apiV1Answer(400, UNKNOWN_SCOPES);
  if (field === 'expires_at') return apiV1Answer(400, 'expires_at must be a future time');
  return apiV1Answer(400, rule === 'maxLength' ? 'name must be at most 255 characters' : 'name is required');
}

const FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  'api-key.not-found': [404, 'API key not found'],
  'api-key.unknown-scopes': [400, UNKNOWN_SCOPES],
  'api-key.name': [400, 'name is required'],
  'api-key.expiry': [400, 'expires_at must be a future time'],
};

const presentProblem: PresentProblem = (problem) => {
  if (problem.kind === 'fields') return presentField(problem.fields[0]);
  const words = problem.kind === 'fault' ? FAULTS[problem.fault.code] : undefined;
  return words ? apiV1Answer(...words) : presentApiV1Problem(problem);
};

function parseName(text: string): string {
  const name = text.trim();
  if (name === '' || name.includes('\0')) throw new Fault('api-key.name', 'the name is blank');
  return name;
}

function parseExpiry(text: string | null | undefined): Date | null {
  if (text === null || text === undefined) return null;
  const time = parseTime(text);
  if (!time || time.getTime() <= Date.now()) throw new Fault('api-key.expiry', 'not a future time');
  return time;
}

/** An empty list is refused too: it could be meant as everything or as nothing. */
function parseScopes(given: readonly string[] | null | undefined): readonly Scope[] | null {
  if (given === null || given === undefined) return null;
  const known = given.filter(isScope);
  if (known.length === 0 || known.length < given.length) {
    throw new Fault('api-key.unknown-scopes', 'not a list of known scopes');
  }
  return [...new Set(known)];
}

/** Anything but a plain decimal number is the id of no key: `12abc` must not revoke 12. */
function parseKeyId(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Fault('api-key.not-found', 'no such id');
  return Number(text);
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

export const supacontrolSurface = defineSurface(
  supacontrol,
  {
    'health.live': async () => ({ status: 200, body: { status: 'ok' } }),

    'api-key.create': async ({ context, caller, origin, body }) => {
      const input = {
        door: 'key' as const,
        name: parseName(body.name),
        expiresAt: parseExpiry(body.expires_at),
        scopes: parseScopes(body.scopes),
      };
      const { key, token } = await createApiKey.invoke(context, { caller, origin, input });
      return {
        status: 201,
        body: {
          id: key.id,
          name: key.name,
          key: token,
          created_at: key.created_at.toISOString(),
          expires_at: iso(key.expires_at),
          scopes: key.scopes,
        },
        headers: { 'cache-control': 'no-store' },
      };
    },

    'api-key.list': async ({ context, caller, origin }) => {
      const keys = await listApiKeys.invoke(context, { caller, origin, input: undefined });
      const body = keys.map((key) => ({
        id: key.id,
        name: key.name,
        created_at: key.created_at.toISOString(),
        revoked_at: iso(key.revoked_at),
        prefix: key.prefix,
        expires_at: iso(key.expires_at),
        last_used_at: iso(key.last_used_at),
        scopes: key.scopes,
      }));
      return { status: 200, body };
    },

    'api-key.revoke': async ({ context, caller, origin, params }) => {
      await revokeApiKey.invoke(context, { caller, origin, input: { id: parseKeyId(params.id) } });
      return { status: 200, body: { message: 'API key revoked successfully' } };
    },
  },
  presentProblem,
);
