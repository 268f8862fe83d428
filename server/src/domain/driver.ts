/**
 * What every driver promises, and what the shared driver-law suite holds it to:
 * absent is `null`; failing to look throws; a second pass finds no work; drift is repaired; a crash after
 * any step converges on the next pass; deleting twice is quiet; two resources never touch each other; no
 * secret stands in a log, an argument vector or a step name.
 */
import type { ResourceKind } from './resource.ts';

/** One small change of the outside world. */
export interface Step {
  /** Kebab-case, a constant of the driver: shown to people, used as a fail point, never holds a value. */
  readonly name: string;
}

export interface Driver<Target, Observation, S extends Step = Step> {
  readonly kind: ResourceKind;
  /** Every step name that `plan` can return: fail points and documents are made from it. */
  readonly stepNames: readonly string[];
  /** Looks, changes nothing. `null` when nothing of the resource exists outside. Throws when it could not look. */
  observe(target: Target, signal: AbortSignal): Promise<Observation | null>;
  /** Pure. The steps from what was seen to what is wanted, in order; empty when there is nothing to do. */
  plan(target: Target, observation: Observation | null): readonly S[];
  /** Takes one step. Harmless when repeated, also when an earlier try was cut off in the middle. */
  apply(target: Target, step: S, signal: AbortSignal): Promise<void>;
}
