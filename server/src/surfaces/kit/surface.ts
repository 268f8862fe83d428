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
  /** As they came, for operations whose surface reads them itself: `params`, `query`, `body` are unchecked then. */
  readonly raw: RawParts;
  readonly browser: BrowserSide;
}

export interface RawParts {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** `undefined` when there was none. */
  readonly body: unknown;
}

/** What a browser brings along, for routes that send it elsewhere or give it a session. */
export interface BrowserSide {
  /** As the browser called it. */
  readonly url: URL;
  /** The way from the browser was encrypted. */
  readonly isSecure: boolean;
  readonly sessionCookie: string | undefined;
  readonly loginCookie: string | undefined;
  /** A page of another site may have made the browser send this. */
  readonly isCrossSite: boolean;
  /** For what signs in: the page of another site must not do that. Throws the problem `cross-site`. */
  assertSameSite(): void;
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
  /** Operations whose requests the surface reads itself, because its contract has words for each fault. */
  readonly readsItself: ReadonlySet<string>;
}

interface SurfaceOptions<C extends Contract> {
  readonly remembered?: readonly C['routes'][number]['operation'][];
  readonly readsItself?: readonly C['routes'][number]['operation'][];
}

/** Ties a contract to its implementations; a route without one does not compile. */
export function defineSurface<C extends Contract>(
  contract: C,
  implementations: Implementations<C>,
  present: PresentProblem,
  { remembered = [], readsItself = [] }: SurfaceOptions<C> = {},
): Surface {
  return {
    contract,
    // Each implementation is only ever called with what its own route's schemas let through.
    implementations: implementations as unknown as Surface['implementations'],
    present,
    remembered: new Set(remembered),
    readsItself: new Set(readsItself),
  };
}
