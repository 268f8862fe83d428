import type { Fault } from '../../kernel/fault.ts';
import { apiV1Answer, presentApiV1Problem } from '../kit/api-v1-problems.ts';
import type { Answer, PresentProblem } from '../kit/problem.ts';
import { type FieldEntry, malformedJson, notAnObject, summary } from './field-entry.ts';

/** Duplicates and the state of things are told with one sentence instead of a list. */
const FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  'api-key.not-found': [404, 'Token not found'],
  'user.not-found': [404, 'User not found'],
  'user.taken': [422, 'Username or email already exists'],
  'user.username-taken': [422, 'Username already exists'],
  'user.email-taken': [422, 'Email already exists'],
  'user.last-admin': [422, 'Cannot remove the last active administrator'],
};

function unprocessable(entries: readonly FieldEntry[]): Answer {
  return apiV1Answer(422, entries, summary(entries));
}

function presentFault(fault: Fault): Answer {
  if (fault.code === 'request.fields') return unprocessable(fault.details.entries as FieldEntry[]);
  const words = FAULTS[fault.code];
  return words ? apiV1Answer(...words) : presentApiV1Problem({ kind: 'fault', fault });
}

export const presentProblem: PresentProblem = (problem, route) => {
  switch (problem.kind) {
    case 'fault':
      return presentFault(problem.fault);
    case 'malformed-json':
      return unprocessable([malformedJson(problem.offset)]);
    case 'media-type':
      // What was sent is not repeated: it may be a form with a password.
      return route?.body ? unprocessable([notAnObject(null)]) : presentApiV1Problem(problem);
    default:
      return presentApiV1Problem(problem);
  }
};
