import type { Driver, Step } from '../domain/driver.ts';
import type { Resource } from '../domain/resource.ts';
import type { StoredResource } from '../store/resources.ts';
import type { Session } from '../store/store.ts';
import { type Converged, type ConvergeOptions, converge } from './converge.ts';

/** A kind of resource that the reconciler keeps true: what its driver must know, and what is kept of a look. */
export interface ReconciledKind {
  /** Looks and acts until nothing is left to do. */
  converge(row: StoredResource, db: Session, options: ConvergeOptions): Promise<Converged<unknown>>;
  /** The status that is stored of a look. */
  toStatus(observation: unknown, row: StoredResource): unknown;
}

export interface KindParts<Target, Observation, S extends Step> {
  readonly driver: Driver<Target, Observation, S>;
  /** Reads what the driver must know, secrets included; they live no longer than the attempt. */
  readonly toTarget: (row: StoredResource, db: Session) => Promise<Target>;
  readonly toStatus: (observation: Observation, row: StoredResource) => Resource['status'];
}

/** Ties a driver to its rows without letting the engine see the driver's types. */
export function reconciledKind<Target, Observation, S extends Step>(
  parts: KindParts<Target, Observation, S>,
): ReconciledKind {
  return {
    async converge(row, db, options) {
      return converge(parts.driver, await parts.toTarget(row, db), options);
    },
    toStatus: (observation, row) =>
      observation === null ? null : parts.toStatus(observation as Observation, row),
  };
}
