import type { Selectable } from 'kysely';
import type { AuditRow } from './schema.ts';
import type { Session } from './store.ts';

export type AuditEntry = Selectable<AuditRow>;

export interface NewAuditEntry {
  readonly actorId: number | null;
  readonly actor: string;
  /** How the actor proved who they are: `session`, `key:<id>`, `system`. */
  readonly credential: string;
  /** The operation's name. */
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly rootId: string | null;
  readonly outcome: 'accepted' | 'done' | 'failed';
  readonly requestId: string | null;
  readonly address: string | null;
  /** Never a secret. */
  readonly details?: Record<string, unknown> | undefined;
}

export async function insertAuditEntry(db: Session, entry: NewAuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      actor_id: entry.actorId,
      actor: entry.actor,
      credential: entry.credential,
      action: entry.action,
      target_kind: entry.targetKind,
      target_id: entry.targetId,
      target_name: entry.targetName,
      root_id: entry.rootId,
      outcome: entry.outcome,
      request_id: entry.requestId,
      address: entry.address,
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute();
}

/** What Backyard did by itself, or what was done on the server's own machine. */
export function insertSystemAudit(
  db: Session,
  entry: Pick<NewAuditEntry, 'action' | 'targetKind' | 'targetId' | 'targetName' | 'outcome' | 'details'> & {
    readonly actor?: string;
    readonly rootId?: string;
  },
): Promise<void> {
  return insertAuditEntry(db, {
    ...entry,
    actorId: null,
    actor: entry.actor ?? 'system',
    credential: 'system',
    rootId: entry.rootId ?? null,
    requestId: null,
    address: null,
  });
}

/** What happened to a resource and its parts, newest first. */
export function listAuditByRoot(db: Session, rootId: string, limit: number): Promise<AuditEntry[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('root_id', '=', rootId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
