/** HTTP as the gateway sees it, whatever server stands before it. */
export interface RestRequest {
  readonly method: string;
  /** Path and query below the tenant's own root: `/items?id=eq.1`. */
  readonly url: string;
  /** Lower-case names; repeated ones joined as Node does. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** For the log of one request. */
  readonly remoteAddress: string | null;
}

export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string | null;
}
