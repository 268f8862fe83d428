import { type Selectable, sql } from 'kysely';
import type { Database } from '../domain/database.ts';
import type { PgUser } from '../domain/pg-user.ts';
import type { Desired, Resource, ResourceKind } from '../domain/resource.ts';
import type { Fallback, ResourceRow } from './schema.ts';
import type { Session } from './store.ts';

export type StoredResource = Selectable<ResourceRow>;

interface KindOf {
  cluster: Resource;
  database: Database;
  pg_user: PgUser;
}

/** Rows are written by our own operations only, so the kind vouches for the shape of spec and status. */
export function toResource<K extends ResourceKind>(row: StoredResource & { kind: K }): KindOf[K] {
  const resource: Resource = {
    id: row.id,
    kind: row.kind,
    rootId: row.root_id,
    ownerId: row.owner_id,
    name: row.name,
    desired: row.desired,
    spec: row.spec,
    status: row.status,
    generation: row.generation,
    observedGeneration: row.observed_generation,
    conditions: row.conditions,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
  return resource as KindOf[K];
}

export interface NewResource {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly rootId: string;
  readonly ownerId: number | null;
  readonly name: string;
  readonly spec: unknown;
  /** The process that waits for it; a resource that nobody was told of is undone when that process dies. */
  readonly awaitedBy: string | null;
}

/** Inserts a resource that is wanted active; a root gets its lease row. A taken name violates a unique index. */
export async function insertResource(db: Session, resource: NewResource): Promise<StoredResource> {
  const fallback: Fallback | null = resource.awaitedBy ? { desired: 'absent', spec: resource.spec } : null;
  const row = await db
    .insertInto('resources')
    .values({
      id: resource.id,
      kind: resource.kind,
      root_id: resource.rootId,
      owner_id: resource.ownerId,
      name: resource.name,
      desired: 'active',
      spec: JSON.stringify(resource.spec),
      fallback: fallback && JSON.stringify(fallback),
      awaited_by: resource.awaitedBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  if (resource.id === resource.rootId) {
    await db.insertInto('leases').values({ root_id: resource.id }).execute();
  }
  return row;
}

export interface SpecChange {
  readonly desired: Desired;
  readonly spec: unknown;
  /** What to go back to if nobody could be told that the change holds; `null` when it only goes forward. */
  readonly fallback: Fallback | null;
  readonly awaitedBy: string | null;
}

/** Asks for something else: generation + 1, due at once, earlier failures forgotten. */
export function updateSpec(db: Session, id: string, change: SpecChange): Promise<StoredResource> {
  return db
    .updateTable('resources')
    .set((eb) => ({
      desired: change.desired,
      spec: JSON.stringify(change.spec),
      generation: eb('generation', '+', 1),
      fallback: change.fallback && JSON.stringify(change.fallback),
      awaited_by: change.awaitedBy,
      due_at: sql<Date>`now()`,
      attempts: 0,
      updated_at: sql<Date>`now()`,
    }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findResource(
  db: Session,
  kind: ResourceKind,
  id: string,
): Promise<StoredResource | undefined> {
  return byId(db, kind, id).executeTakeFirst();
}

function byId(db: Session, kind: ResourceKind, id: string) {
  return db.selectFrom('resources').selectAll().where('id', '=', id).where('kind', '=', kind);
}

/**
 * A root is seen until it is really gone, so that its name is free when it answers as absent; one whose
 * creation is being undone was never there for anybody.
 */
const isVisible = sql<boolean>`(desired <> 'absent' or
  (id = root_id and observed_generation > 0 and failed_generation <> generation - 1))`;

/** A resource that somebody may see. */
export function findVisible(
  db: Session,
  kind: ResourceKind,
  id: string,
): Promise<StoredResource | undefined> {
  return byId(db, kind, id).where(isVisible).executeTakeFirst();
}

/** Locks the row until the transaction ends, so that state checks and the change are one. */
export function lockResource(db: Session, id: string): Promise<StoredResource | undefined> {
  return db.selectFrom('resources').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

export interface ListFilter {
  /** `null` lists those of everybody. */
  readonly ownerId: number | null;
  readonly limit: number | null;
  readonly offset: number;
}

/** Roots of one kind, newest first. */
export function listRoots(db: Session, kind: ResourceKind, filter: ListFilter): Promise<StoredResource[]> {
  let query = db.selectFrom('resources').selectAll().where('kind', '=', kind).where(isVisible);
  query =
    filter.ownerId === null
      ? query.where('owner_id', 'is not', null)
      : query.where('owner_id', '=', filter.ownerId);
  if (filter.limit !== null) query = query.limit(filter.limit);
  return query.orderBy('created_at', 'desc').orderBy('id').offset(filter.offset).execute();
}

export async function countRoots(db: Session, kind: ResourceKind, ownerId: number | null): Promise<number> {
  let query = db
    .selectFrom('resources')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('kind', '=', kind)
    .where(isVisible);
  query = ownerId === null ? query.where('owner_id', 'is not', null) : query.where('owner_id', '=', ownerId);
  return (await query.executeTakeFirstOrThrow()).count;
}

/** How many of an owner's roots are in use and how many are suspended; both count against quotas. */
export async function countByDesired(
  db: Session,
  kind: ResourceKind,
  ownerId: number,
): Promise<Record<Desired, number>> {
  const rows = await db
    .selectFrom('resources')
    .select(['desired', (eb) => eb.fn.countAll<number>().as('count')])
    .where('kind', '=', kind)
    .where('owner_id', '=', ownerId)
    .groupBy('desired')
    .execute();
  const counts: Record<Desired, number> = { active: 0, suspended: 0, absent: 0 };
  for (const row of rows) counts[row.desired] = row.count;
  return counts;
}

/** The parts of a root, newest first. */
export function listChildren(db: Session, rootId: string, kind: ResourceKind): Promise<StoredResource[]> {
  return db
    .selectFrom('resources')
    .selectAll()
    .where('root_id', '=', rootId)
    .where('kind', '=', kind)
    .where('desired', '!=', 'absent')
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}
