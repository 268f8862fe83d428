import { type KeyRing, seal, unseal } from '../kernel/seal.ts';
import { idTokenPlace } from './sessions.ts';
import { checksPlace } from './sign-ins.ts';
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

/** Seals everything anew with the current key; returns how many values that were. */
export async function resealAll(db: Session, ring: KeyRing): Promise<number> {
  const anew = (at: string, sealed: Buffer) => seal(ring, at, unseal(ring, at, sealed));
  const secrets = await db.selectFrom('secrets').selectAll().forUpdate().execute();
  for (const row of secrets) {
    const at = place({ resourceId: row.resource_id, field: row.field, version: row.version });
    await db
      .updateTable('secrets')
      .set({ sealed: anew(at, row.sealed) })
      .where('resource_id', '=', row.resource_id)
      .where('field', '=', row.field)
      .where('version', '=', row.version)
      .execute();
  }
  return secrets.length + (await resealSignIns(db, anew));
}

/** What sign-ins under way, and sessions that came from a provider, keep sealed. */
async function resealSignIns(db: Session, anew: (at: string, sealed: Buffer) => Buffer): Promise<number> {
  const signIns = await db.selectFrom('sign_ins').select(['state_digest', 'checks']).forUpdate().execute();
  for (const { state_digest, checks } of signIns) {
    await db
      .updateTable('sign_ins')
      .set({ checks: anew(checksPlace(state_digest), checks) })
      .where('state_digest', '=', state_digest)
      .execute();
  }
  const sessions = await db
    .selectFrom('sessions')
    .select(['id', 'id_token'])
    .where('id_token', 'is not', null)
    .forUpdate()
    .execute();
  const withToken = sessions.flatMap(({ id, id_token }) => (id_token === null ? [] : [{ id, id_token }]));
  for (const { id, id_token } of withToken) {
    await db
      .updateTable('sessions')
      .set({ id_token: anew(idTokenPlace(id), id_token) })
      .where('id', '=', id)
      .execute();
  }
  return signIns.length + withToken.length;
}
