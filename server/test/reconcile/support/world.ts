/**
 * An outside world that is small enough to see whole: things that are made, marked, opened, closed and
 * removed, one step at a time. It keeps its promises as a cluster does, and fails or waits where a test says.
 */
import type { Driver } from '../../../src/domain/driver.ts';
import type { Desired, ResourceKind } from '../../../src/domain/resource.ts';
import type { KeyRing } from '../../../src/kernel/seal.ts';
import { type ReconciledKind, reconciledKind } from '../../../src/reconcile/reconciled-kind.ts';
import { databaseTarget, pgUserTarget } from '../../../src/reconcile/targets.ts';

export interface Thing {
  readonly name: string;
  /** What the spec says of it, as one text: a limit, a verifier. */
  mark: string;
  open: boolean;
}

interface Target {
  readonly id: string;
  readonly name: string;
  readonly desired: Desired;
  readonly mark: string;
}

const STEPS = ['make', 'mark', 'open', 'close', 'remove'] as const;
type StepName = (typeof STEPS)[number];
interface WorldStep {
  readonly name: StepName;
}

/** What happens before a look (`observe`) or a step; it may throw, or wait. */
type Before = (signal: AbortSignal) => unknown;

export class World {
  readonly things = new Map<string, Thing>();
  /** `<id>/<step>` of every step that was taken, in order. */
  readonly history: string[] = [];
  /** The greatest number of attempts that were ever under way at one root. */
  crowd = 0;
  /** How many looks there were. */
  looks = 0;
  readonly #hands = new Map<string, number>();
  readonly #before = new Map<string, Before>();

  /** From now on this happens first, whatever it is done to; `id` narrows it to one thing. */
  before(step: StepName | 'observe', act: Before, id = '*'): void {
    this.#before.set(`${id}/${step}`, act);
  }

  /** Nothing happens before anything any more. */
  mend(): void {
    this.#before.clear();
  }

  steps(id: string): string[] {
    return this.history
      .filter((entry) => entry.startsWith(`${id}/`))
      .map((entry) => entry.slice(id.length + 1));
  }

  /** Every kind, with targets read as in the product. */
  kinds(ring: KeyRing): Readonly<Record<ResourceKind, ReconciledKind>> {
    const userTarget = pgUserTarget(ring);
    return {
      cluster: this.#counted(
        reconciledKind({
          driver: this.#driver('cluster'),
          toTarget: async ({ id, name, desired }) => ({ id, name, desired, mark: '' }),
          toStatus: () => ({}),
        }),
      ),
      database: this.#counted(
        reconciledKind({
          driver: this.#driver('database'),
          toTarget: async (row, db) => {
            const { id, name, desired, connectionLimit } = await databaseTarget(row, db);
            return { id, name, desired, mark: String(connectionLimit) };
          },
          toStatus: ({ open }) => ({
            open,
            extensions: [],
            sizeBytes: 0,
            connections: 0,
            observedAt: new Date().toISOString(),
          }),
        }),
      ),
      pg_user: this.#counted(
        reconciledKind({
          driver: this.#driver('pg_user'),
          toTarget: async (row, db) => {
            const { id, username, desired, verifier } = await userTarget(row, db);
            return { id, name: username, desired, mark: verifier };
          },
          toStatus: ({ name }) => ({ login: name }),
        }),
      ),
    };
  }

  #counted(kind: ReconciledKind): ReconciledKind {
    return {
      ...kind,
      converge: async (row, db, options) => {
        const hands = (this.#hands.get(row.root_id) ?? 0) + 1;
        this.#hands.set(row.root_id, hands);
        this.crowd = Math.max(this.crowd, hands);
        try {
          return await kind.converge(row, db, options);
        } finally {
          this.#hands.set(row.root_id, (this.#hands.get(row.root_id) ?? 1) - 1);
        }
      },
    };
  }

  #driver(kind: ResourceKind): Driver<Target, Thing, WorldStep> {
    return {
      kind,
      stepNames: STEPS,
      observe: async ({ id }, signal) => {
        this.looks++;
        await this.#happen(id, 'observe', signal);
        const thing = this.things.get(id);
        return thing ? { ...thing } : null;
      },
      plan: (target, thing) => namesOf(target, thing).map((name) => ({ name })),
      apply: async (target, { name }, signal) => {
        await this.#happen(target.id, name, signal);
        this.history.push(`${target.id}/${name}`);
        this.#take(target, name);
      },
    };
  }

  async #happen(id: string, step: string, signal: AbortSignal): Promise<void> {
    await this.#before.get(`*/${step}`)?.(signal);
    await this.#before.get(`${id}/${step}`)?.(signal);
  }

  #take({ id, name, mark }: Target, step: StepName): void {
    const thing = this.things.get(id);
    if (step === 'make') this.things.set(id, thing ?? { name, mark: '', open: false });
    else if (step === 'remove') this.things.delete(id);
    else if (!thing) throw new Error(`there is nothing to ${step}`);
    else if (step === 'mark') thing.mark = mark;
    else thing.open = step === 'open';
  }
}

function namesOf({ desired, mark }: Target, thing: Thing | null): StepName[] {
  if (desired === 'absent') return thing ? ['remove'] : [];
  const { mark: marked = '', open = false } = thing ?? {};
  const wantsOpen = desired === 'active';
  return [
    ...(thing ? [] : ['make' as const]),
    ...(marked === mark ? [] : ['mark' as const]),
    ...(open === wantsOpen ? [] : [wantsOpen ? ('open' as const) : ('close' as const)]),
  ];
}

/** Where work stops until it is let through. */
export class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();

  /** Settles when somebody stands before it. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  open(): void {
    this.#opened.resolve();
  }

  /** To be handed to `World.before`. */
  readonly wait = (): Promise<void> => {
    this.#reached.resolve();
    return this.#opened.promise;
  };
}
