import { databasePhase } from '../../domain/database.ts';
import { type PgUser, pgUserPhase } from '../../domain/pg-user.ts';
import { isSettled } from '../../domain/resource.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { lockResource, type StoredResource, toResource, updateSpec } from '../../store/resources.ts';
import { deleteOtherSecretVersions, insertSecret } from '../../store/secrets.ts';
import type { Session } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { lockDatabase } from '../database/find.ts';
import { type Invocation, ownerOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { waitUntilSettled, waitUntilUndone } from '../settlement.ts';
import type { PgUserWithPassword } from './create.ts';
import { findUserOfDatabase, type PgUserInput, type UserOfDatabase } from './find.ts';
import { newPassword, type Password } from './password.ts';

const SETTLE_MS = 30_000;

export interface RotateInput extends PgUserInput {
  readonly terminateSessions: boolean;
}

/**
 * Replaces a login's password; the old one fails for new connections when this returns, and stays the valid
 * one when it faults. Faults: `pg-user.not-found`, `pg-user.other-database`, `pg-user.not-active`,
 * `pg-user.rotation-failed`.
 */
export const rotatePgUserPassword = ownerOperation({
  name: 'pg-user.rotate-password',
  needs: 'database:write',
  absent: 'pg-user.not-found',
  find: (context, input: RotateInput, caller) => findUserOfDatabase(context, input, caller),
  async run(context, invocation, target): Promise<PgUserWithPassword> {
    await assertProvisioning(context);
    const password = await newPassword();
    const row = await change(context, invocation, target, password);
    context.failPoint('operation/pg-user.rotate-password/committed');
    const user = await settle(context, row);
    return { database: target.database, user, password: password.plain };
  },
});

/** One rotation at a time: a second one waits until the first has come true. */
async function change(
  context: Context,
  invocation: Invocation<RotateInput>,
  target: UserOfDatabase,
  password: Password,
): Promise<StoredResource> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const row = await context.store
      .transaction()
      .execute((db) => replacePassword(context, db, invocation, target, password));
    if (row) return row;
    if (Date.now() > deadline)
      throw new Fault('pg-user.rotation-failed', 'an earlier change does not settle');
    const current = { id: target.user.id, kind: 'pg_user', generation: target.user.generation } as const;
    // Whether the earlier change comes true or is given up: what counts is that it is over.
    await waitUntilSettled(context, current, SETTLE_MS).catch((error) => {
      if (!isFault(error, 'settlement.failed')) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function replacePassword(
  context: Context,
  db: Session,
  invocation: Invocation<RotateInput>,
  target: UserOfDatabase,
  password: Password,
): Promise<StoredResource | undefined> {
  const database = await lockDatabase(db, target.database.id);
  const locked = await lockResource(db, target.user.id);
  if (!database || !locked || locked.desired === 'absent') {
    throw new Fault('pg-user.not-found', 'it was removed meanwhile');
  }
  const user: PgUser = toResource({ ...locked, kind: 'pg_user' });
  const phase = pgUserPhase(databasePhase(database));
  if (phase !== 'active') throw new Fault('pg-user.not-active', 'the user is not active', { phase });
  if (!isSettled(user)) return undefined;
  const current = { resourceId: user.id, field: 'verifier', version: user.spec.passwordVersion };
  const version = user.spec.passwordVersion + 1;
  await deleteOtherSecretVersions(db, current);
  await insertSecret(db, context.ring, { ...current, version }, password.verifier);
  const terminate = invocation.input.terminateSessions;
  const row = await updateSpec(db, user.id, {
    desired: 'active',
    spec: {
      ...user.spec,
      passwordVersion: version,
      sessionsEndedBefore: terminate ? new Date().toISOString() : user.spec.sessionsEndedBefore,
    },
    // The old password stays the valid one unless the new one reaches its owner.
    fallback: { desired: 'active', spec: user.spec },
    awaitedBy: context.instanceId,
  });
  await recordChange(db, 'pg-user.rotate-password', invocation, toResource(row));
  return row;
}

async function settle(context: Context, row: StoredResource): Promise<PgUser> {
  const awaited = { id: row.id, kind: 'pg_user', generation: row.generation } as const;
  try {
    const settled = await waitUntilSettled(context, awaited, SETTLE_MS);
    return toResource({ ...settled, kind: 'pg_user' });
  } catch (error) {
    if (!isFault(error, 'settlement.failed')) throw error;
    await waitUntilUndone(context, awaited, SETTLE_MS).catch((undo) =>
      context.log.warn({ err: undo, user: row.id }, 'a failed rotation is not undone yet'),
    );
    throw new Fault('pg-user.rotation-failed', error.message, {}, error);
  }
}
