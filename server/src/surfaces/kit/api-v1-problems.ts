/**
 * Two contracts share the prefix `/api/v1`: an error there carries `detail` in the words of the one and
 * `message` in those of the other, so that clients of either read it.
 */
import type { Fault } from '../../kernel/fault.ts';
import type { Rejection } from '../../operations/identity/authenticate.ts';
import { type Answer, PLAIN_STATUS, type Problem } from './problem.ts';

export function apiV1Answer(
  status: number,
  detail: unknown,
  message: string = String(detail),
  headers?: Record<string, string>,
): Answer {
  return { status, body: { message, detail }, ...(headers && { headers }) };
}

const REJECTIONS: Readonly<Record<Rejection, readonly [detail: string, message?: string]>> = {
  missing: ['Missing authentication credentials', 'missing or malformed jwt'],
  'invalid-session': ['Invalid or expired token'],
  'no-subject': ['Invalid token payload'],
  'session-user-inactive': ['User not found or inactive'],
  'invalid-api-token': ['Invalid or expired API token'],
  'api-token-user-inactive': ['User account is disabled'],
};

const FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  'login.wrong': [401, 'Invalid username or password'],
  'login.disabled': [401, 'User account is disabled'],
  'api-key.scopes': [403, 'A key cannot make a stronger one'],
  'api-key.outlives': [403, 'A key cannot make one that outlives it'],
  'forbidden.limited-key': [
    403,
    'A key with scopes cannot set passwords and addresses, or make administrators',
  ],
  'forbidden.admin': [403, 'Admin privileges required'],
};

function presentFault(fault: Fault): Answer {
  const challenge = { 'www-authenticate': 'Bearer' };
  if (fault.code === 'unauthenticated') {
    const [detail, message = detail] = REJECTIONS[fault.details.reason as Rejection];
    return apiV1Answer(401, detail, message, challenge);
  }
  if (fault.code === 'forbidden.scope') {
    return apiV1Answer(403, `This key lacks the scope ${fault.details.scope}`);
  }
  if (fault.code === 'password.busy') {
    return apiV1Answer(429, 'Rate limit exceeded', undefined, { 'retry-after': '1' });
  }
  const [status, text] = FAULTS[fault.code] ?? [500, 'Internal server error'];
  return apiV1Answer(status, text, text, status === 401 ? challenge : undefined);
}

/** The shared words; each contract puts its own before them. */
export function presentApiV1Problem(problem: Problem): Answer {
  switch (problem.kind) {
    case 'fault':
      return presentFault(problem.fault);
    case 'fields':
    case 'malformed-json':
      return apiV1Answer(400, 'invalid request body');
    case 'rate-limited':
      return apiV1Answer(PLAIN_STATUS['rate-limited'], 'Rate limit exceeded');
    case 'cross-site':
      return apiV1Answer(PLAIN_STATUS['cross-site'], 'Cross-site request refused');
    case 'too-large':
      return apiV1Answer(PLAIN_STATUS['too-large'], 'Request body too large');
    case 'media-type':
      return apiV1Answer(PLAIN_STATUS['media-type'], 'Content-Type must be application/json');
    case 'not-found':
      return apiV1Answer(PLAIN_STATUS['not-found'], 'Not Found');
    case 'method':
      return apiV1Answer(PLAIN_STATUS.method, 'Method Not Allowed', undefined, { allow: problem.allow });
    case 'unexpected':
      return apiV1Answer(PLAIN_STATUS.unexpected, 'Internal server error');
  }
}
