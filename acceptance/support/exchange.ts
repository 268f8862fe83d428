/** What goes over the wire, and what comes back. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when the answer is JSON, else the text. */
  readonly body: T;
  readonly text: string;
}

export interface Sent {
  readonly method: string;
  /** Path and query, sent as they stand. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as it stands; the media type is up to `headers`. */
  readonly raw?: string | Buffer;
  readonly timeoutMs?: number;
}
