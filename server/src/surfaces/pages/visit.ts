import type { FastifyRequest } from 'fastify';
import type { Caller, Origin } from '../../domain/caller.ts';
import { isFault } from '../../kernel/fault.ts';
import type { Context } from '../../operations/context.ts';
import { authenticate } from '../../operations/identity/authenticate.ts';
import { presentedBy, RequestBrowser } from '../kit/browser.ts';
import type { BrowserSide } from '../kit/surface.ts';
import type { WebSettings } from '../kit/web-settings.ts';

export interface PageMounting {
  readonly context: Context;
  readonly web: WebSettings;
}

/** Somebody asks for a page, or sends a form. */
export interface Visit {
  readonly context: Context;
  readonly origin: Origin;
  readonly browser: BrowserSide;
  /** A value of the query; `undefined` when it is absent or there more than once. */
  query(name: string): string | undefined;
  /** The same of the form that was sent. */
  field(name: string): string | undefined;
  /** Who is signed in, if anybody is. */
  findCaller(): Promise<Caller | undefined>;
}

export function visitOf(request: FastifyRequest, { context, web }: PageMounting): Visit {
  return {
    context,
    origin: {
      requestId: request.id,
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
    },
    browser: new RequestBrowser(request, web),
    query: (name) => textOf(request.query, name),
    field: (name) => textOf(request.body, name),
    findCaller: async () => {
      request.caller = await authenticate(context, presentedBy(request, web)).catch((error: unknown) => {
        if (isFault(error, 'unauthenticated')) return undefined;
        throw error;
      });
      return request.caller;
    },
  };
}

function textOf(fields: unknown, name: string): string | undefined {
  const value = (fields as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}
