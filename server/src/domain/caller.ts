/** Who is asking, and how they proved it. */
export interface Caller {
  readonly userId: number;
  readonly userUuid: string;
  readonly username: string;
  readonly email: string | null;
  readonly isAdmin: boolean;
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
  readonly memberSince: Date;
  /** The API key or token that was shown; `null` for a session. */
  readonly keyId: number | null;
}

/** Where a request came from; for the audit log. */
export interface Origin {
  readonly requestId: string;
  readonly address: string;
}

/** An owner and an administrator see a resource; to anybody else it does not exist. */
export function maySee(caller: Caller, ownerId: number | null): boolean {
  return caller.isAdmin || caller.userId === ownerId;
}
