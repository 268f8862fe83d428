/** The law that every driver is held to (see `domain/driver.ts`), on the real outside system. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, Step } from '../../src/domain/driver.ts';
import type { Desired } from '../../src/domain/resource.ts';
import { reconcile, reconcileUntilStep } from './support/reconcile.ts';

export interface Drift {
  readonly name: string;
  /** Changes the outside by hand. */
  make(): Promise<void>;
  /** Left out where all kinds come at once: with another it hides the resource, which is then reported. */
  readonly alone?: boolean;
}

/** One resource of the driver's kind. */
export interface Subject<Target, Observation> {
  target(desired: Desired): Target;
  /** Told after each pass that found no more work, as the store would be. */
  settled(observation: Observation | null): Promise<void>;
  /** What really stands outside for this resource, read without the driver, as comparable text. */
  trace(): Promise<unknown>;
  readonly drifts: readonly Drift[];
}

export interface LawCase<Target, Observation, S extends Step> {
  readonly driver: Driver<Target, Observation, S>;
  /** The same driver over an outside that does not answer. */
  readonly unreachable: Driver<Target, Observation, S>;
  /** A new resource with nothing of it outside. */
  subject(): Promise<Subject<Target, Observation>>;
  /** Must stand in no step, no observation and no error. */
  readonly secrets: readonly string[];
  /** True for a kind that is always there, so that it is never absent and never removed. */
  readonly lasting?: boolean;
  /** Steps that only a special situation brings; tested beside the law. */
  readonly testedElsewhere?: readonly string[];
  end(): Promise<void>;
}

const MAX_STEPS = 20;

export function driverLaw<Target, Observation, S extends Step>(
  name: string,
  makeCase: () => Promise<LawCase<Target, Observation, S>>,
): void {
  describe(`driver law: ${name}`, () => {
    const signal = AbortSignal.timeout(600_000);
    const crashedAfter = new Set<string>();
    let law: LawCase<Target, Observation, S>;
    beforeAll(async () => {
      law = await makeCase();
    });
    afterAll(async () => {
      await law.end();
    });

    type One = Subject<Target, Observation>;
    const settle = async (subject: One, desired: Desired): Promise<readonly string[]> => {
      const { observation, steps } = await reconcile(law.driver, subject.target(desired));
      await subject.settled(observation);
      return steps;
    };
    const newActive = async (): Promise<One> => {
      const subject = await law.subject();
      await settle(subject, 'active');
      return subject;
    };
    const work = async (subject: One, desired: Desired): Promise<readonly S[]> =>
      law.driver.plan(subject.target(desired), await law.driver.observe(subject.target(desired), signal));
    const remove = async (subject: One): Promise<void> => {
      if (!law.lasting) await settle(subject, 'absent');
    };

    test('absent is null, and asks for no removal', async () => {
      const subject = await law.subject();
      const seen = await law.driver.observe(subject.target('absent'), signal);
      expect(seen === null).toBe(law.lasting !== true);
      expect(law.driver.plan(subject.target('absent'), seen)).toEqual([]);
    });

    test('unreachable throws, and tells no secret', async () => {
      const subject = await law.subject();
      const failure = await law.unreachable.observe(subject.target('active'), signal).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: expect.stringMatching(/^cluster\.(unreachable|unusable)$/) });
      const text = failure instanceof Error ? `${failure.message} ${JSON.stringify(failure)}` : '';
      for (const secret of law.secrets) expect(text).not.toContain(secret);
    });

    test('a second pass finds no work, and looking changes nothing', async () => {
      const subject = await newActive();
      const before = await subject.trace();
      expect(await work(subject, 'active')).toEqual([]);
      expect(await subject.trace()).toEqual(before);
      await remove(subject);
    });

    test('drift is repaired, each kind of it and all of it at once', async () => {
      const subject = await newActive();
      const before = await subject.trace();
      for (const drift of subject.drifts) {
        await drift.make();
        expect(await subject.trace(), `${drift.name} changes something`).not.toEqual(before);
        expect((await settle(subject, 'active')).length, `${drift.name} is seen`).toBeGreaterThan(0);
        expect(await subject.trace(), `${drift.name} is repaired`).toEqual(before);
      }
      const together = subject.drifts.filter((drift) => drift.alone !== true);
      for (const drift of together) await drift.make().catch(() => undefined);
      await settle(subject, 'active');
      expect(await subject.trace()).toEqual(before);
      await remove(subject);
    });

    test('every step may be taken twice', async () => {
      const subject = await law.subject();
      const wanted: Desired[] = law.lasting
        ? ['active']
        : ['active', 'suspended', 'active', 'absent', 'absent'];
      for (const desired of wanted) {
        const { observation } = await reconcile(law.driver, subject.target(desired), async (_step, apply) => {
          await apply();
          await apply();
        });
        await subject.settled(observation);
        expect(await work(subject, desired)).toEqual([]);
      }
    });

    /** Crashes after the step of this number on the way to `desired`, then goes on to `then`. Names the step. */
    const crashOnce = async (subject: One, number: number, desired: Desired, then: Desired) => {
      const name = await reconcileUntilStep(law.driver, subject.target(desired), number);
      if (name !== undefined) crashedAfter.add(name);
      await settle(subject, then);
      expect(await work(subject, then), `after a crash behind ${name}`).toEqual([]);
      await remove(subject);
      return name;
    };
    const crashEverywhere = async (start: () => Promise<One>, desired: Desired, then: Desired) => {
      for (let number = 0; number < MAX_STEPS; number++) {
        if ((await crashOnce(await start(), number, desired, then)) === undefined) return;
      }
      throw new Error('more steps than any resource has');
    };

    test('a crash after any step of creation is finished by the next pass', async () => {
      await crashEverywhere(() => law.subject(), 'active', 'active');
    });

    test('a crash after any step of creation can be undone by the next pass', async () => {
      await crashEverywhere(() => law.subject(), 'active', law.lasting ? 'active' : 'absent');
    });

    test('a crash after any step of suspension and removal is finished by the next pass', async () => {
      if (law.lasting) return expect(law.driver.stepNames.length).toBeGreaterThan(0);
      await crashEverywhere(newActive, 'suspended', 'suspended');
      await crashEverywhere(newActive, 'absent', 'absent');
      const newSuspended = async (): Promise<One> => {
        const subject = await newActive();
        await settle(subject, 'suspended');
        return subject;
      };
      await crashEverywhere(newSuspended, 'absent', 'absent');
      await crashEverywhere(newSuspended, 'active', 'active');
    });

    test('a crash after any step of a repair is finished by the next pass', async () => {
      const subject = await newActive();
      const before = await subject.trace();
      for (const drift of subject.drifts) {
        for (let number = 0; number < MAX_STEPS; number++) {
          await drift.make();
          const name = await reconcileUntilStep(law.driver, subject.target('active'), number);
          await settle(subject, 'active');
          expect(await subject.trace(), `${drift.name}, crash behind ${name}`).toEqual(before);
          if (name === undefined) break;
          crashedAfter.add(name);
        }
      }
      await remove(subject);
    });

    test('the crashes covered every step', () => {
      const missed = law.driver.stepNames.filter((one) => !crashedAfter.has(one));
      expect(missed.sort()).toEqual([...(law.testedElsewhere ?? [])].sort());
    });

    test('deleting twice is quiet', async () => {
      const subject = await newActive();
      await remove(subject);
      expect(await work(subject, 'absent')).toEqual([]);
      if (!law.lasting) expect(await law.driver.observe(subject.target('absent'), signal)).toBeNull();
    });

    test('two resources never touch each other', async () => {
      const [one, other] = [await newActive(), await newActive()];
      if (law.lasting) return expect(await other.trace()).toEqual(await one.trace());
      const before = await other.trace();
      for (const drift of one.drifts) {
        await drift.make();
        await settle(one, 'active');
      }
      await settle(one, 'suspended');
      await settle(one, 'absent');
      expect(await other.trace()).toEqual(before);
      expect(await work(other, 'active')).toEqual([]);
      await remove(other);
    });

    test('steps are named by constants and hold no secret, nor do observations', async () => {
      const subject = await law.subject();
      const texts: string[] = [];
      const look = async (desired: Desired): Promise<void> => {
        const { observation } = await reconcile(law.driver, subject.target(desired), async (step, apply) => {
          expect(step.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
          expect(law.driver.stepNames).toContain(step.name);
          texts.push(JSON.stringify(step));
          await apply();
        });
        texts.push(JSON.stringify(observation));
        await subject.settled(observation);
      };
      await look('active');
      if (!law.lasting) {
        await look('suspended');
        await look('active');
        await look('absent');
      }
      for (const secret of law.secrets) expect(texts.join('\n')).not.toContain(secret);
    });
  });
}
