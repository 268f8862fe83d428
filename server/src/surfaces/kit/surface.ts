/** A surface serves one contract: for each of its routes an implementation, and its words for problems. */

import type { Readable } from 'node:stream';
import type { Contract, Route } from '@backyard/contracts';
import type { Static, TSchema } from 'typebox';
import type { Caller, Origin } from '../../domain/caller.ts';
import type { Context } from '../../operations/context.ts';
import type { Answer, PresentProblem } from './problem.ts';

type StaticOf<S> = S extends TSchema ? Static<S> : undefined;

export interface RouteRequest<R extends Route = Route> {
  readonly context: Context;
  readonly caller: R['access'] extends 'anyone' ? undefined : Caller;
  readonly origin: Origin;
  readonly params: StaticOf<R['params']>;
  readonly query: StaticOf<R['query']>;
  readonly body: StaticOf<R['body']>;
  /** Only on routes with `upload`; absent when nothing was sent. */
  readonly upload: Readable | undefined;
}

export type Implementations<C extends Contract> = {
  readonly [Name in C['routes'][number]['operation']]: (
    request: RouteRequest<Extract<C['routes'][number], { readonly operation: Name }>>,
  ) => Promise<Answer>;
};

export interface Surface {
  readonly contract: Contract;
  readonly implementations: Readonly<Record<string, (request: RouteRequest) => Promise<Answer>>>;
  readonly present: PresentProblem;
  /** Operations that only read what the caller can see: their answers may be remembered. */
  readonly remembered: ReadonlySet<string>;
}

/** Ties a contract to its implementations; a route without one does not compile. */
export function defineSurface<C extends Contract>(
  contract: C,
  implementations: Implementations<C>,
  present: PresentProblem,
  remembered: readonly C['routes'][number]['operation'][] = [],
): Surface {
  return {
    contract,
    // Each implementation is only ever called with what its own route's schemas let through.
    implementations: implementations as unknown as Surface['implementations'],
    present,
    remembered: new Set(remembered),
  };
}
