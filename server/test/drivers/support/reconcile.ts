/** The smallest loop that keeps a driver's promise: look, plan, apply, until a look finds no work. */
import type { Driver, Step } from '../../../src/domain/driver.ts';

const MAX_LOOKS = 8;

export interface Reconciled<Observation> {
  readonly observation: Observation | null;
  readonly steps: readonly string[];
}

/** How a step is taken; tests put crashes and repetitions here. */
export type ApplyStep<S extends Step> = (step: S, apply: () => Promise<void>) => Promise<void>;

export class Crash extends Error {}

export async function reconcile<Target, Observation, S extends Step>(
  driver: Driver<Target, Observation, S>,
  target: Target,
  take: ApplyStep<S> = (_step, apply) => apply(),
): Promise<Reconciled<Observation>> {
  const signal = AbortSignal.timeout(60_000);
  const steps: string[] = [];
  for (let look = 0; look < MAX_LOOKS; look++) {
    const observation = await driver.observe(target, signal);
    const plan = driver.plan(target, observation);
    if (plan.length === 0) return { observation, steps };
    for (const step of plan) {
      await take(step, () => driver.apply(target, step, signal));
      steps.push(step.name);
    }
  }
  throw new Error(`No end of steps: ${steps.join(', ')}`);
}

/** Reconciles until the step of this number is done, then stops as a crash would. Names that step. */
export async function reconcileUntilStep<Target, Observation, S extends Step>(
  driver: Driver<Target, Observation, S>,
  target: Target,
  number: number,
): Promise<string | undefined> {
  let taken = 0;
  let last: string | undefined;
  try {
    await reconcile(driver, target, async (step, apply) => {
      await apply();
      last = step.name;
      if (taken++ === number) throw new Crash();
    });
  } catch (error) {
    if (error instanceof Crash) return last;
    throw error;
  }
  return undefined;
}
