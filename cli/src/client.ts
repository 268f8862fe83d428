/** One call per operation of the contracts: paths, methods and types come from their route lists. */
import { identity } from '@backyard/contracts/identity';
import { orchestrator } from '@backyard/contracts/orchestrator';
import { pgweb } from '@backyard/contracts/pgweb';
import { supacontrol } from '@backyard/contracts/supacontrol';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { type HttpAnswer, send } from './http.ts';
import { parseJson, refusal } from './refusal.ts';
import { version } from './version.ts';

const routes = [...pgweb.routes, ...identity.routes, ...supacontrol.routes, ...orchestrator.routes];

type KnownRoute = (typeof routes)[number];
export type OperationName = KnownRoute['operation'];
type Needed<R, K extends string> = R extends { readonly [P in K]: infer S extends TSchema }
  ? { readonly [P in K]: Static<S> }
  : unknown;

/** Each operation on its own: for all at once the compiler would multiply them with each other. */
type Asks = {
  [R in KnownRoute as R['operation']]: Needed<R, 'params'> & Needed<R, 'body'> & Partial<Needed<R, 'query'>>;
};

/** `params` and `body` as far as the route has them; `query` is never needed. */
export type Ask<O extends OperationName> = Asks[O];

type SuccessSchema<R extends KnownRoute> = Extract<
  R['responses'][Extract<keyof R['responses'], 200 | 201 | 202 | 204>],
  TSchema
>;

type Answers = { [R in KnownRoute as R['operation']]: Static<SuccessSchema<R>> };

export type Answer<O extends OperationName> = Answers[O];

export interface Client {
  /**
   * Calls an operation and gives the checked body of its success, `null` when it has none.
   * Faults with a {@link Failure} whose exit code tells the kind.
   */
  call<O extends OperationName>(operation: O, ask: Ask<O>, options?: CallOptions): Promise<Answer<O>>;
}

export interface CallOptions {
  /** Ends the call before its deadline. */
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  readonly baseUrl: string;
  readonly token: string | undefined;
}

/** Creating waits for the cluster, which the pgweb contract (4.3) allows 60 s. */
const createDeadlineMs = 70_000;
const deadlineMs = 15_000;

export function createClient(options: ClientOptions): Client {
  return {
    async call<O extends OperationName>(operation: O, ask: Ask<O>, call: CallOptions = {}) {
      const route = routeOf(operation);
      const url = urlOf(options.baseUrl, route.path, ask);
      const withCredential = route.access !== 'anyone';
      if (withCredential && options.token === undefined) throw notSignedIn(options.baseUrl);
      const body = 'body' in ask ? JSON.stringify(ask.body) : undefined;
      const answer = await send({
        ...call,
        method: route.method,
        url,
        headers: headersOf(withCredential ? options.token : undefined, body !== undefined),
        deadlineMs: operation.endsWith('.create') ? createDeadlineMs : deadlineMs,
        ...(body === undefined ? {} : { body }),
      });
      if (answer.status < 200 || answer.status > 299) throw refusal(answer, { url, withCredential });
      return checkedBody<O>(route.responses, answer, url);
    },
  };
}

function routeOf(operation: OperationName): KnownRoute {
  const route = routes.find((candidate) => candidate.operation === operation);
  if (route === undefined) throw new Error(`No contract has the operation ${operation}`);
  return route;
}

/** Any {@link Ask}, seen without its operation. */
interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** Fills `{name}` parts; the base may itself have a path, as behind a reverse proxy. */
function urlOf(baseUrl: string, path: string, ask: object): URL {
  const { params = {}, query = {} } = ask as Asked;
  const filled = path.replace(/\{(\w+)\}/g, (_part, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const url = new URL(`${baseUrl}${filled}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function headersOf(token: string | undefined, hasBody: boolean): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': `backyard-cli/${version}`,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
  };
}

function checkedBody<O extends OperationName>(
  responses: Readonly<Record<number, TSchema>>,
  answer: HttpAnswer,
  url: URL,
): Answer<O> {
  const schema = responses[answer.status];
  const body = answer.text === '' ? null : parseJson(answer.text);
  if (schema === undefined || !Value.Check(schema, body)) {
    throw new Failure(
      exitCodes.failed,
      `${url.origin} did not answer as Backyard does (status ${answer.status} at ${url.pathname}). ` +
        'Check the address, and that the command line and the server have the same version.',
    );
  }
  return body as Answer<O>;
}

function notSignedIn(baseUrl: string): Failure {
  return new Failure(
    exitCodes.notSignedIn,
    `you are not signed in to ${baseUrl}. Run \`backyard login\`, or set BACKYARD_TOKEN.`,
  );
}
