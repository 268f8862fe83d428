import type { Driver, Step } from '../domain/driver.ts';
import { Fault } from '../kernel/fault.ts';
import type { FailPoint } from './fail-point.ts';

/** Enough for a plan that can only see its next part after the first; more means that two steps fight. */
const MAX_LOOKS = 8;

export interface Converged<Observation> {
  /** The look that found no work; `null` when nothing is left. */
  readonly observation: Observation | null;
  /** Names of the steps that were taken, in order. */
  readonly steps: readonly string[];
}

export interface ConvergeOptions {
  readonly signal: AbortSignal;
  /** Prefix of the fail points around each step, for example `database/active`. */
  readonly point: string;
  readonly failPoint: FailPoint;
  /** Called before each step, for progress. */
  readonly onStep?: (name: string) => void;
}

/**
 * Looks, plans and applies until a look finds no work: only a look may say that a resource is as it should
 * be. Throws what the driver throws, and faults with `reconcile.unsettled` when steps never end.
 */
export async function converge<Target, Observation, S extends Step>(
  driver: Driver<Target, Observation, S>,
  target: Target,
  options: ConvergeOptions,
): Promise<Converged<Observation>> {
  const taken: string[] = [];
  for (let look = 0; look < MAX_LOOKS; look++) {
    const observation = await driver.observe(target, options.signal);
    const steps = driver.plan(target, observation);
    if (steps.length === 0) return { observation, steps: taken };
    for (const step of steps) {
      options.signal.throwIfAborted();
      options.onStep?.(step.name);
      options.failPoint(`${options.point}/${step.name}:before`);
      await driver.apply(target, step, options.signal);
      options.failPoint(`${options.point}/${step.name}:after`);
      taken.push(step.name);
    }
  }
  throw new Fault('reconcile.unsettled', `still not as it should be after ${MAX_LOOKS} looks`, {
    steps: taken,
  });
}
