import { type Selectable, sql } from 'kysely';
import type { DeviceRequestRow } from './schema.ts';
import type { Session } from './store.ts';

export type StoredDeviceRequest = Selectable<DeviceRequestRow>;

export interface NewDeviceRequest {
  readonly deviceDigest: Buffer;
  readonly userCode: string;
  readonly client: string;
  readonly address: string;
  readonly lifetimeMs: number;
}

/** A code that is in use already is a unique violation. */
export async function insertDeviceRequest(db: Session, request: NewDeviceRequest): Promise<void> {
  await db
    .insertInto('device_requests')
    .values({
      device_digest: request.deviceDigest,
      user_code: request.userCode,
      client: request.client,
      address: request.address,
      expires_at: sql<Date>`now() + ${request.lifetimeMs} * interval '1 millisecond'`,
    })
    .execute();
}

/** The request with this code that still waits for a person, and how long it has waited. */
export async function findPendingDeviceRequest(
  db: Session,
  userCode: string,
  lifetimeMs: number,
): Promise<{ request: StoredDeviceRequest; ageMs: number } | undefined> {
  const row = await db
    .selectFrom('device_requests')
    .selectAll()
    .select(sql<number>`(extract(epoch from expires_at - now()) * 1000)::float8`.as('left_ms'))
    .where('user_code', '=', userCode)
    .where('decision', '=', 'pending')
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row && { request: row, ageMs: Math.max(0, lifetimeMs - row.left_ms) };
}

/** Writes down what a person decided; `undefined` when the request does not wait any more. */
export function decideDeviceRequest(
  db: Session,
  userCode: string,
  decision: 'approved' | 'denied',
  userId: number,
): Promise<StoredDeviceRequest | undefined> {
  return db
    .updateTable('device_requests')
    .set({ decision, user_id: userId })
    .where('user_code', '=', userCode)
    .where('decision', '=', 'pending')
    .where('expires_at', '>', sql<Date>`now()`)
    .returningAll()
    .executeTakeFirst();
}

/** Takes an approved request away, so that it yields one session; `undefined` when there is none. */
export function takeApprovedDeviceRequest(
  db: Session,
  deviceDigest: Buffer,
): Promise<StoredDeviceRequest | undefined> {
  return db
    .deleteFrom('device_requests')
    .where('device_digest', '=', deviceDigest)
    .where('decision', '=', 'approved')
    .where('expires_at', '>', sql<Date>`now()`)
    .returningAll()
    .executeTakeFirst();
}

/** Who approved the request; `undefined` when nobody has, or it is over. */
export async function findDeviceApprover(db: Session, deviceDigest: Buffer): Promise<number | undefined> {
  const row = await db
    .selectFrom('device_requests')
    .select('user_id')
    .where('device_digest', '=', deviceDigest)
    .where('decision', '=', 'approved')
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row?.user_id ?? undefined;
}

export interface DevicePoll {
  readonly isDenied: boolean;
  /** The program asked less than the given time ago. */
  readonly isEarly: boolean;
}

/** Notes that the program asks; `undefined` when there is no such request, or it is over. */
export async function noteDevicePoll(
  db: Session,
  deviceDigest: Buffer,
  intervalMs: number,
): Promise<DevicePoll | undefined> {
  const { rows } = await sql<DevicePoll>`
    with earlier as (
      select device_digest, polled_at from device_requests
      where device_digest = ${deviceDigest} and expires_at > now() for update
    )
    update device_requests request set polled_at = now()
    from earlier where request.device_digest = earlier.device_digest
    returning request.decision = 'denied' as "isDenied",
      coalesce(earlier.polled_at > now() - ${intervalMs} * interval '1 millisecond', false) as "isEarly"`.execute(
    db,
  );
  return rows[0];
}

/**
 * Takes away what a user approved and no program picked up yet. Whoever ends all sessions of a user needs it too:
 * such a request is a session that is about to begin.
 */
export async function deleteDeviceRequestsOf(db: Session, userId: number): Promise<void> {
  await db.deleteFrom('device_requests').where('user_id', '=', userId).execute();
}
