/**
 * Who may act on what, and when. A lease covers a root and all its parts; every write of a result checks the
 * lease's token, so that a worker that was presumed dead cannot overwrite its successor. All times are the
 * database's own.
 */
import { sql } from 'kysely';
import type { Condition } from '../domain/resource.ts';
import type { StoredResource } from './resources.ts';
import type { Session } from './store.ts';

export interface Lease {
  readonly rootId: string;
  readonly token: string;
}

export const LEASE_MS = 30_000;

/** Takes one root that is due and free; a given root before others. `undefined` when there is none. */
export async function claimWork(
  db: Session,
  holder: string,
  rootId: string | null,
): Promise<Lease | undefined> {
  const { rows } = await sql<Lease>`
    with candidate as (
      select leases.root_id from resources join leases using (root_id)
      where resources.due_at <= now() and leases.until < now()
        and (${rootId}::uuid is null or leases.root_id = ${rootId}::uuid)
      order by resources.desired = 'absent' desc, resources.due_at
      limit 1 for update of leases skip locked)
    update leases
    set token = gen_random_uuid(), holder = ${holder}, until = now() + ${LEASE_MS} * interval '1 millisecond'
    from candidate where leases.root_id = candidate.root_id
    returning leases.root_id as "rootId", leases.token`.execute(db);
  return rows[0];
}

/** Takes one root whether or not it is due; `undefined` while somebody else has it. */
export async function claimRoot(db: Session, holder: string, rootId: string): Promise<Lease | undefined> {
  const { rows } = await sql<Lease>`
    update leases
    set token = gen_random_uuid(), holder = ${holder}, until = now() + ${LEASE_MS} * interval '1 millisecond'
    where root_id = ${rootId} and until < now()
    returning root_id as "rootId", token`.execute(db);
  return rows[0];
}

/** Keeps a lease for another term; false when it is no longer ours. */
export async function extendLease(db: Session, lease: Lease): Promise<boolean> {
  const result = await db
    .updateTable('leases')
    .set({ until: sql<Date>`now() + ${LEASE_MS} * interval '1 millisecond'` })
    .where('root_id', '=', lease.rootId)
    .where('token', '=', lease.token)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives a root back; true when some part of it is due again already. */
export async function releaseLease(db: Session, lease: Lease): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    update leases set token = null, holder = null, until = '-infinity'
    where root_id = ${lease.rootId} and token = ${lease.token}
    returning exists (select 1 from resources
                      where root_id = ${lease.rootId} and due_at <= now()) as due`.execute(db);
  return rows[0]?.due ?? false;
}

/** Frees at once what an earlier run of this process still holds. Returns how many leases that were. */
export async function releaseOwnLeases(db: Session, holder: string): Promise<number> {
  const result = await db
    .updateTable('leases')
    .set({ token: null, holder: null, until: sql<Date>`'-infinity'` })
    .where('holder', '=', holder)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** The root and its parts that are due, the root first. */
export function listDue(db: Session, rootId: string): Promise<StoredResource[]> {
  return db
    .selectFrom('resources')
    .selectAll()
    .where('root_id', '=', rootId)
    .where('due_at', '<=', sql<Date>`now()`)
    .orderBy(sql`id <> root_id`)
    .orderBy('created_at')
    .execute();
}

function whileHeld(lease: Lease) {
  return sql<boolean>`exists (
    select 1 from leases where leases.root_id = ${lease.rootId} and leases.token = ${lease.token})`;
}

export interface Settlement {
  readonly generation: number;
  readonly status: unknown;
  readonly condition: Condition;
  /** When to look again although nobody asked. */
  readonly nextLookMs: number;
}

/** Records that a look found nothing left to do for a generation. False when the lease was lost. */
export async function settleResource(
  db: Session,
  lease: Lease,
  resource: StoredResource,
  settlement: Settlement,
): Promise<boolean> {
  const result = await db
    .updateTable('resources')
    .set({
      // A status answers one generation: it must not pass for the answer to a newer one.
      status: sql<string>`case when generation = ${settlement.generation}
        then ${JSON.stringify(settlement.status)}::jsonb else status end`,
      observed_generation: settlement.generation,
      conditions: JSON.stringify([settlement.condition]),
      attempts: 0,
      due_at: sql<Date>`case when generation = ${settlement.generation}
        then now() + ${settlement.nextLookMs} * interval '1 millisecond' else now() end`,
      fallback: sql<null>`case when generation = ${settlement.generation} then null else fallback end`,
      awaited_by: sql<null>`case when generation = ${settlement.generation} then null else awaited_by end`,
      updated_at: sql<Date>`case when observed_generation < ${settlement.generation}
        then now() else updated_at end`,
    })
    .where('id', '=', resource.id)
    .where(whileHeld(lease))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Records a failed attempt and when to try again. False when the lease was lost. */
export async function postponeResource(
  db: Session,
  lease: Lease,
  resource: StoredResource,
  condition: Condition,
  delayMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('resources')
    .set({
      conditions: JSON.stringify([condition]),
      // A newer change has not been tried yet: this failure is not its own.
      attempts: sql<number>`case when generation = ${resource.generation} then attempts + 1 else attempts end`,
      due_at: sql<Date>`case when generation = ${resource.generation}
        then now() + ${delayMs} * interval '1 millisecond' else now() end`,
    })
    .where('id', '=', resource.id)
    .where(whileHeld(lease))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives a change up and wants what its fallback says. False when it was changed meanwhile, or has none. */
export async function takeFallback(
  db: Session,
  lease: Lease,
  resource: StoredResource,
  condition: Condition,
): Promise<boolean> {
  const result = await revert(db, condition)
    .where('id', '=', resource.id)
    .where('generation', '=', resource.generation)
    .where(whileHeld(lease))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives up every change whose caller was waiting in an earlier run of this process. */
export async function abandonAwaited(db: Session, awaitedBy: string, condition: Condition): Promise<number> {
  const result = await revert(db, condition).where('awaited_by', '=', awaitedBy).executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Gives one change up for a caller who stopped waiting. `undefined` when it came true, or only goes forward. */
export function abandonChange(
  db: Session,
  change: { readonly id: string; readonly generation: number },
  condition: Condition,
): Promise<StoredResource | undefined> {
  return revert(db, condition)
    .where('id', '=', change.id)
    .where('generation', '=', change.generation)
    .returningAll()
    .executeTakeFirst();
}

function revert(db: Session, condition: Condition) {
  return db
    .updateTable('resources')
    .set((eb) => ({
      desired: sql`fallback ->> 'desired'`.$castTo<'active'>(),
      spec: sql<string>`fallback -> 'spec'`,
      failed_generation: eb.ref('generation'),
      generation: eb('generation', '+', 1),
      conditions: JSON.stringify([condition]),
      fallback: null,
      awaited_by: null,
      attempts: 0,
      due_at: sql<Date>`now()`,
      updated_at: sql<Date>`now()`,
    }))
    .where('fallback', 'is not', null);
}

/** Removes a resource that a look found gone, with all its parts. False when the lease was lost. */
export async function removeResource(db: Session, lease: Lease, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('resources')
    .where('id', '=', id)
    .where('desired', '=', 'absent')
    .where(whileHeld(lease))
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** No look may be further away than the interval that holds now; sooner ones stay. */
export async function bringLooksForward(db: Session, intervalMs: number): Promise<void> {
  await sql`
    update resources set due_at = now() + random() * ${intervalMs} * interval '1 millisecond'
    where due_at > now() + ${intervalMs} * interval '1.2 milliseconds'`.execute(db);
}

/** Makes a resource due now, although nothing is asked of it. */
export async function makeDue(db: Session, id: string): Promise<void> {
  await db.updateTable('resources').set({ due_at: sql<Date>`now()` }).where('id', '=', id).execute();
}
