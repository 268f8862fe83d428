import { sql } from 'kysely';
import type { CredentialReference } from './credentials.ts';
import type { Session } from './store.ts';

export interface NewTicket extends CredentialReference {
  readonly digest: Buffer;
  readonly lifetimeMs: number;
}

export async function insertTicket(db: Session, ticket: NewTicket): Promise<void> {
  await db
    .insertInto('tickets')
    .values({
      digest: ticket.digest,
      user_id: ticket.userId,
      key_id: ticket.keyId,
      session_id: ticket.sessionId,
      expires_at: sql<Date>`now() + ${ticket.lifetimeMs} * interval '1 millisecond'`,
    })
    .execute();
}

/** Takes a ticket away, so that it is good once, and says which credential made it. */
export async function takeTicket(db: Session, digest: Buffer): Promise<CredentialReference | undefined> {
  const row = await db
    .deleteFrom('tickets')
    .where('digest', '=', digest)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning(['user_id', 'key_id', 'session_id'])
    .executeTakeFirst();
  return row && { userId: row.user_id, keyId: row.key_id, sessionId: row.session_id };
}
