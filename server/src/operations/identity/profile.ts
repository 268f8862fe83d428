import type { Caller } from '../../domain/caller.ts';
import { findLastSubject } from '../../store/identities.ts';
import type { Context } from '../context.ts';

/** What the caller may know of themselves beyond the credential: how a provider names them, if one does. */
export async function getProfile(
  context: Context,
  caller: Caller,
): Promise<{ readonly subject: string | undefined }> {
  return { subject: await findLastSubject(context.store, caller.userId) };
}
