/** Lets somebody in who opens a socket: there, what is wrong is no answer to a request. */
import type { Caller } from '../../domain/caller.ts';
import { isFault } from '../../kernel/fault.ts';
import type { Context } from '../context.ts';
import { redeemTicket } from '../ticket/redeem.ts';
import { authenticate, type Presented, type Rejection } from './authenticate.ts';
import { takeUserToken } from './user-limit.ts';

export type Admission =
  | { readonly caller: Caller }
  | { readonly refused: 'no-credential' | 'bad-credential' | 'rate-limited' };

/** Finds the caller and takes one token of their bucket. Source: contract orchestrator, section 4.4. */
export async function admit(
  context: Context,
  shown: Presented | { readonly ticket: string },
): Promise<Admission> {
  const caller = 'ticket' in shown ? await redeemTicket(context, shown.ticket) : await find(context, shown);
  if (caller === 'missing') return { refused: 'no-credential' };
  if (caller === undefined) return { refused: 'bad-credential' };
  const { isAllowed } = await takeUserToken(context, caller);
  return isAllowed ? { caller } : { refused: 'rate-limited' };
}

async function find(context: Context, presented: Presented): Promise<Caller | 'missing' | undefined> {
  try {
    return await authenticate(context, presented);
  } catch (error) {
    if (!isFault(error, 'unauthenticated')) throw error;
    const reason = error.details.reason as Rejection;
    return reason === 'missing' ? 'missing' : undefined;
  }
}
