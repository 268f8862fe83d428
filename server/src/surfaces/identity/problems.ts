/** Words for Backyard's own identity routes; both keys of an error say the same. */
import { apiV1Answer } from '../kit/api-v1-problems.ts';
import type { FieldFault } from '../kit/field-fault.ts';
import type { Answer } from '../kit/problem.ts';

export const sessionFaults: Readonly<Record<string, readonly [number, string]>> = {
  'session.not-found': [404, 'Session not found'],
  'session.none': [400, 'This credential is no session'],
  'password.wrong': [403, 'The current password is wrong'],
  'password.none': [409, 'This account has no password; an administrator can set one'],
  'password.length': [400, 'new_password must have 8 to 1024 characters'],
};

const QUERY: Readonly<Record<string, string>> = {
  limit: 'limit must be a whole number from 1 to 100',
  offset: 'offset must be a whole number from 0',
};

export function presentField({ part, field, rule, limit }: FieldFault): Answer {
  if (part === 'query') return apiV1Answer(400, QUERY[field ?? ''] ?? 'invalid query');
  if (rule === 'required' || rule === 'minLength') return apiV1Answer(400, `${field} is required`);
  if (rule === 'maxLength') return apiV1Answer(400, `${field} must have at most ${limit} characters`);
  return apiV1Answer(400, `${field} must be a string`);
}
