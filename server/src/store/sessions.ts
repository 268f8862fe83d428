import { type Selectable, sql } from 'kysely';
import { deleteDeviceRequestsOf } from './device-requests.ts';
import type { SessionRow } from './schema.ts';
import type { Session } from './store.ts';
import type { StoredUser } from './users.ts';

export type StoredSession = Selectable<SessionRow>;

/** What the ID token of a session is sealed for. */
export function idTokenPlace(sessionId: string): string {
  return `session/${sessionId}/id_token`;
}

export interface NewSession {
  readonly id: string;
  readonly userId: number;
  readonly carrier: 'cookie' | 'bearer';
  /** SHA-256 of the cookie's value; `null` for a bearer, which names the row itself. */
  readonly digest: Buffer | null;
  readonly method: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Sealed. */
  readonly idToken: Buffer | null;
  readonly expiresAt: Date;
}

export function insertSession(db: Session, session: NewSession): Promise<StoredSession> {
  return db
    .insertInto('sessions')
    .values({
      id: session.id,
      user_id: session.userId,
      carrier: session.carrier,
      digest: session.digest,
      method: session.method,
      address: session.address,
      user_agent: session.userAgent,
      id_token: session.idToken,
      expires_at: session.expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface SessionAndUser {
  readonly session: StoredSession;
  readonly user: StoredUser;
}

/** The session and its user, whatever state both are in. */
async function withUser(
  db: Session,
  session: StoredSession | undefined,
): Promise<SessionAndUser | undefined> {
  if (!session) return undefined;
  const user = await db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', session.user_id)
    .executeTakeFirstOrThrow();
  return { session, user };
}

export function findSession(db: Session, id: string): Promise<StoredSession | undefined> {
  return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function findSessionAndUser(db: Session, id: string): Promise<SessionAndUser | undefined> {
  return withUser(db, await findSession(db, id));
}

export async function findCookieSession(db: Session, digest: Buffer): Promise<SessionAndUser | undefined> {
  const query = db.selectFrom('sessions').selectAll().where('digest', '=', digest);
  return withUser(db, await query.executeTakeFirst());
}

/** Those of a user that can still be used, newest first. Idle ones count as ended. */
export async function listLiveSessions(
  db: Session,
  userId: number,
  page: { readonly idleSince: Date; readonly limit: number; readonly offset: number },
): Promise<{ sessions: StoredSession[]; total: number }> {
  const live = db
    .selectFrom('sessions')
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .where((eb) => eb.or([eb('carrier', '=', 'bearer'), eb('last_seen_at', '>', page.idleSince)]));
  const sessions = await live
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  const { total } = await live.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  return { sessions, total };
}

/** Ends a session once; the provider's token is not needed any more. */
export async function revokeSession(db: Session, id: string): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ revoked_at: sql`now()`, id_token: null })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

/**
 * Ends every session of a user but one, and the ones that they approved and no program has picked up yet. Returns
 * how many sessions that were. Whoever changes many sessions locks them in the order of their ids, or two of those
 * would wait for each other.
 */
export async function revokeSessionsOf(
  db: Session,
  userId: number,
  exceptId: string | null = null,
): Promise<number> {
  const result = await db
    .updateTable('sessions')
    .set({ revoked_at: sql`now()`, id_token: null })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .$if(exceptId !== null, (query) => query.where('id', '!=', exceptId as string))
        .orderBy('id')
        .forNoKeyUpdate(),
    )
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  await deleteDeviceRequestsOf(db, userId);
  return Number(result.numUpdatedRows);
}

/** Moves `last_seen_at` of many sessions at once, locked in the order of their ids; never backwards. */
export async function touchSessions(db: Session, used: ReadonlyMap<string, Date>): Promise<void> {
  if (used.size === 0) return;
  const ids = [...used.keys()];
  const times = [...used.values()].map((time) => time.toISOString());
  await sql`
    with locked as materialized (
      select id from sessions where id = any(${ids}::uuid[]) order by id for no key update
    )
    update sessions set last_seen_at = greatest(sessions.last_seen_at, used.at)
    from unnest(${ids}::uuid[], ${times}::timestamptz[]) as used (id, at) join locked using (id)
    where sessions.id = used.id`.execute(db);
}
