/** What a process does first: it takes up, or undoes, what its own earlier run left behind. */

import { CLUSTER_ID } from '../domain/cluster.ts';
import type { Log } from '../kernel/log.ts';
import { isUniqueViolation } from '../store/postgres-error.ts';
import { findResource, insertResource } from '../store/resources.ts';
import type { Session, Store } from '../store/store.ts';
import { abandonAwaited, makeDue, releaseOwnLeases } from '../store/work.ts';

/**
 * Frees the leases of the earlier run, and gives up each change whose caller was still waiting for its
 * answer then: nobody was told that it holds, so what was before must hold.
 */
export async function recoverEarlierRun(store: Store, instanceId: string, log: Log): Promise<void> {
  const { leases, abandoned } = await store.transaction().execute(async (db) => ({
    leases: await releaseOwnLeases(db, instanceId),
    abandoned: await abandonAwaited(db, instanceId, {
      type: 'Ready',
      status: 'false',
      reason: 'interrupted',
      message: 'Backyard was ended before it could answer',
      at: new Date().toISOString(),
    }),
  }));
  if (leases + abandoned > 0)
    log.info({ leases, abandoned }, 'the earlier run was ended in the middle of work');
}

/** Makes the resource that stands for the managed cluster; one, also when several processes start together. */
export async function ensureCluster(store: Store): Promise<void> {
  try {
    await store.transaction().execute(findOrInsertCluster);
  } catch (error) {
    // Another starter was faster, and its row is as good as ours.
    if (!isUniqueViolation(error)) throw error;
  }
}

async function findOrInsertCluster(db: Session): Promise<void> {
  if (await findResource(db, 'cluster', CLUSTER_ID)) {
    // Whatever else waits: at start nobody but its own users may get into a database.
    await makeDue(db, CLUSTER_ID);
    return;
  }
  await insertResource(db, {
    id: CLUSTER_ID,
    kind: 'cluster',
    rootId: CLUSTER_ID,
    ownerId: null,
    name: 'default',
    spec: {},
    awaitedBy: null,
  });
}
