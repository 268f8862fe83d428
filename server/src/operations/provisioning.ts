import { CLUSTER_ID } from '../domain/cluster.ts';
import { Fault } from '../kernel/fault.ts';
import { findResource } from '../store/resources.ts';
import type { Context } from './context.ts';

/** Faults with `provisioning.not-configured` and what to set, when databases cannot be provisioned at all. */
export async function assertProvisioning(context: Context): Promise<void> {
  const cluster = await findResource(context.store, 'cluster', CLUSTER_ID);
  const unusable = cluster?.conditions.find((c) => c.status === 'false' && c.reason === 'cluster.unusable');
  if (unusable) throw new Fault('provisioning.not-configured', unusable.message);
}
