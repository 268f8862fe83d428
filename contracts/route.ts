import type { TSchema } from 'typebox';

/**
 * Who may call a route. `owner` means the owner of the resource in the path or an administrator; to anybody
 * else the resource does not exist.
 */
export type Access = 'anyone' | 'user' | 'owner' | 'admin';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One promise of a contract: validation, serialisation, documents, tests and clients are made from it. */
export interface Route {
  /** The operation that it calls; unique within a contract, for example `database.create`. */
  readonly operation: string;
  readonly method: Method;
  /** OpenAPI style: `/api/databases/{database_id}`. */
  readonly path: string;
  /** Other paths with the same answers. */
  readonly alsoAt?: readonly string[];
  readonly access: Access;
  readonly summary: string;
  /** Where the documents show it, when not under the contract's title. */
  readonly tag?: string;
  /** Requests from one address are counted: attempts to sign in, or the redirects that begin them. */
  readonly limit?: 'login' | 'redirect';
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** The body is bytes of any media type, read as a stream. */
  readonly upload?: boolean;
  /** A body of any media type is allowed and not looked at: what HTML forms send. */
  readonly ignoresBody?: boolean;
  /** The media type of a 200 that is bytes instead of JSON. */
  readonly download?: string;
  /**
   * The path is a WebSocket, and this says how it is spoken to. 101 has the schema of a message of ours; a request
   * that does not upgrade is answered 426.
   */
  readonly socket?: string;
  /** By status; a status without a body has `Type.Null()`. */
  readonly responses: Readonly<Record<number, TSchema>>;
}

/** A published HTTP contract: its routes, and the paths that belong to it even where no route is. */
export interface Contract {
  readonly name: string;
  readonly title: string;
  /** Unknown routes below these answer in the envelope of this contract. */
  readonly prefixes: readonly string[];
  readonly routes: readonly Route[];
}

/** Keeps the literal types of a route list, so that a missing implementation is a type error. */
export function defineContract<const C extends Contract>(contract: C): C {
  return contract;
}

/** Statuses whose answer is all in its headers. */
export const BODILESS_STATUSES: ReadonlySet<number> = new Set([101, 204, 302, 303]);

/** All paths of a route, aliases included. */
export function pathsOf(route: Route): readonly string[] {
  return [route.path, ...(route.alsoAt ?? [])];
}
