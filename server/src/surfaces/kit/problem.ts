/** Everything that can go wrong with a request, before a contract gives it a status and words. */
import type { Route } from '@backyard/contracts';
import { Fault } from '../../kernel/fault.ts';
import type { FieldFault } from './field-fault.ts';

export type Problem =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | {
      readonly kind: 'fields';
      readonly fields: readonly [FieldFault, ...FieldFault[]];
      /** The part that they stand in. */
      readonly whole?: unknown;
    }
  | { readonly kind: 'malformed-json'; readonly offset: number }
  | { readonly kind: 'rate-limited' }
  | { readonly kind: 'cross-site' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'media-type' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'method'; readonly allow: string }
  | { readonly kind: 'unexpected' };

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>> | undefined;
}

/** A contract's words for a problem; `route` is undefined where none was reached. */
export type PresentProblem = (problem: Problem, route: Route | undefined) => Answer;

/** Thrown inside the kit to carry a problem to the error handler. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/** Classifies what was thrown while a request was served. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof Fault) return { kind: 'fault', fault: error };
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { kind: 'too-large' };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return { kind: 'media-type' };
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return { kind: 'malformed-json', offset: 0 };
  return { kind: 'unexpected' };
}

/** The statuses that every contract gives to the same problems; the words are its own. */
export const PLAIN_STATUS = {
  'too-large': 413,
  'media-type': 415,
  'not-found': 404,
  method: 405,
  'rate-limited': 429,
  'cross-site': 403,
  unexpected: 500,
} as const;
