import { type Selectable, sql } from 'kysely';
import type { SignInRow } from './schema.ts';
import type { Session } from './store.ts';

export type StoredSignIn = Selectable<SignInRow>;

/** What nonce and code verifier of a sign-in are sealed for. */
export function checksPlace(stateDigest: Buffer): string {
  return `sign-in/${stateDigest.toString('base64url')}/checks`;
}

export async function insertSignIn(db: Session, signIn: StoredSignIn): Promise<void> {
  await db.insertInto('sign_ins').values(signIn).execute();
}

/** True when this browser has been sent to a provider and may still come back. */
export async function hasSignIns(db: Session, browserDigest: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom('sign_ins')
    .select('provider')
    .where('browser_digest', '=', browserDigest)
    .where('expires_at', '>', sql<Date>`now()`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a sign-in of this browser away, so that it is used once; `undefined` when there is none any more. */
export function takeSignIn(
  db: Session,
  digests: { readonly state: Buffer; readonly browser: Buffer },
): Promise<StoredSignIn | undefined> {
  return db
    .deleteFrom('sign_ins')
    .where('state_digest', '=', digests.state)
    .where('browser_digest', '=', digests.browser)
    .where('expires_at', '>', sql<Date>`now()`)
    .returningAll()
    .executeTakeFirst();
}
