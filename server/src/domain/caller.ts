/** Who is asking, and how they proved it. */
import type { Scope } from './scope.ts';

export interface Caller {
  readonly userId: number;
  readonly userUuid: string;
  readonly username: string;
  readonly email: string | null;
  readonly isAdmin: boolean;
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
  readonly memberSince: Date;
  /** The API key or token that was shown. */
  readonly keyId: number | null;
  /** The session that was shown. Without key and session, an authenticating proxy vouches for the caller. */
  readonly sessionId: string | null;
  /** Browsers send the credential by themselves, so a foreign page may have asked: a cookie, or a proxy's. */
  readonly isAmbient: boolean;
  /** What the key is limited to; `null`: nothing. */
  readonly scopes: readonly Scope[] | null;
}

/** Where a request came from; for the audit log. */
export interface Origin {
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string | null;
}

/** An owner and an administrator see a resource; to anybody else it does not exist. */
export function maySee(caller: Caller, ownerId: number | null): boolean {
  return caller.isAdmin || caller.userId === ownerId;
}
