import { type KeyRing, seal, unseal } from '../kernel/seal.ts';
import type { Session } from './store.ts';

/** Where a secret lives; a new version stands beside the old one until the change is known to hold. */
export interface SecretPlace {
  readonly resourceId: string;
  readonly field: string;
  readonly version: number;
}

function place(secret: SecretPlace): string {
  return `${secret.resourceId}/${secret.field}/${secret.version}`;
}

export async function insertSecret(
  db: Session,
  ring: KeyRing,
  secret: SecretPlace,
  plain: string,
): Promise<void> {
  await db
    .insertInto('secrets')
    .values({
      resource_id: secret.resourceId,
      field: secret.field,
      version: secret.version,
      sealed: seal(ring, place(secret), plain),
    })
    .execute();
}

export async function getSecret(db: Session, ring: KeyRing, secret: SecretPlace): Promise<string> {
  const row = await db
    .selectFrom('secrets')
    .select('sealed')
    .where('resource_id', '=', secret.resourceId)
    .where('field', '=', secret.field)
    .where('version', '=', secret.version)
    .executeTakeFirstOrThrow();
  return unseal(ring, place(secret), row.sealed);
}

/** Removes every other version of the secret. */
export async function deleteOtherSecretVersions(db: Session, kept: SecretPlace): Promise<void> {
  await db
    .deleteFrom('secrets')
    .where('resource_id', '=', kept.resourceId)
    .where('field', '=', kept.field)
    .where('version', '!=', kept.version)
    .execute();
}

/** Seals every secret anew with the ring's current key; returns how many there were. Run it after a key change. */
export async function resealAll(db: Session, ring: KeyRing): Promise<number> {
  const rows = await db.selectFrom('secrets').selectAll().forUpdate().execute();
  for (const row of rows) {
    const secret = { resourceId: row.resource_id, field: row.field, version: row.version };
    const plain = unseal(ring, place(secret), row.sealed);
    await db
      .updateTable('secrets')
      .set({ sealed: seal(ring, place(secret), plain) })
      .where('resource_id', '=', row.resource_id)
      .where('field', '=', row.field)
      .where('version', '=', row.version)
      .execute();
  }
  return rows.length;
}
