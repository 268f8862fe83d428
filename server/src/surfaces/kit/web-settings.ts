import type { RateLimit } from '../../domain/rate-limit.ts';
import type { AddressList } from '../../kernel/address-list.ts';

/** What the public port must know of the network around it. */
export interface WebSettings {
  /** As people reach us; `null`: as each request says. */
  readonly publicUrl: URL | null;
  /** Peers whose `X-Forwarded-*` and trusted header count. */
  readonly trustedProxies: AddressList;
  /** The header, in lower case, in which an authenticating proxy names a person by their e-mail address. */
  readonly trustedHeader: string | null;
  /** Origins whose pages may read our answers; never with cookies. */
  readonly corsOrigins: '*' | readonly string[];
  /** Seconds for which browsers must use TLS; `null`: no such header. */
  readonly hstsSeconds: number | null;
  readonly servesDocs: boolean;
  /** Attempts to sign in from one address, a minute. */
  readonly loginLimit: { readonly perMinute: number; readonly burst: number };
}

/** The limit as a bucket. */
export function bucketOf({ perMinute, burst }: WebSettings['loginLimit']): RateLimit {
  return { perSecond: perMinute / 60, burst };
}
