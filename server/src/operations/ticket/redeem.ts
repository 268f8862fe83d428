import type { Caller } from '../../domain/caller.ts';
import { tokenDigest } from '../../kernel/token.ts';
import { takeTicket } from '../../store/tickets.ts';
import type { Context } from '../context.ts';
import { lookAtCredentials } from '../identity/credential-state.ts';

/**
 * Uses a ticket up and finds the caller: whoever made it, with the same credential. `undefined` when it is
 * unknown, used, over, or its credential is.
 */
export async function redeemTicket(context: Context, ticket: string): Promise<Caller | undefined> {
  const made = await takeTicket(context.store, tokenDigest(ticket));
  if (!made) return undefined;
  const [state] = await lookAtCredentials(context.store, [made]);
  if (!state || 'ended' in state) return undefined;
  context.usage.note(state.caller);
  return state.caller;
}
