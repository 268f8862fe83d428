import { randomBytes } from 'node:crypto';
import { tokenDigest } from '../../kernel/token.ts';
import { insertTicket } from '../../store/tickets.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';

/** Published: contract orchestrator, section 6. */
const LIFETIME_MS = 30_000;

export interface CreatedTicket {
  /** Only its digest is stored. */
  readonly ticket: string;
  readonly expiresInSeconds: number;
}

/**
 * Creates a ticket that opens one socket in place of the credential that asks, for clients that cannot send it.
 * It may do what that credential may, and ends with it. Not in the audit log: it gives nothing new to anybody.
 */
export const createTicket = userOperation(
  'ticket.create',
  'database:read',
  async (context: Context, { caller }: Invocation<undefined>): Promise<CreatedTicket> => {
    const ticket = randomBytes(32).toString('base64url');
    await insertTicket(context.store, {
      digest: tokenDigest(ticket),
      userId: caller.userId,
      keyId: caller.keyId,
      sessionId: caller.sessionId,
      lifetimeMs: LIFETIME_MS,
    });
    return { ticket, expiresInSeconds: LIFETIME_MS / 1000 };
  },
);
