import { afterEach } from 'vitest';
import { keyRing } from '../../../src/kernel/seal.ts';
import { noFailPoint } from '../../../src/reconcile/fail-point.ts';
import { Reconciler } from '../../../src/reconcile/reconciler.ts';
import { insertEvent } from '../../../src/store/events.ts';
import {
  findResource,
  type SpecChange,
  type StoredResource,
  updateSpec,
} from '../../../src/store/resources.ts';
import { getRow, type StoreSuite, silentLog, storeSuite } from '../../store/support/store-suite.ts';
import { World } from './world.ts';

export const ring = keyRing('a-key-of-this-test-alone-Q7v9Zx2p');

export interface StartOptions {
  readonly holder?: string;
  readonly concurrency?: number;
  readonly lookIntervalMs?: number;
  readonly failPoint?: (point: string) => void;
}

export interface ReconcilerSuite extends StoreSuite {
  /** A new world for each test. */
  readonly world: World;
  /** A reconciler on the suite's database and this test's world; stopped after the test. */
  start(options?: StartOptions): Promise<Reconciler>;
  /** The row once it is settled; waits for that. */
  settled(id: string): Promise<StoredResource>;
  /** Asks for something else: this connection limit, and what the fields say. */
  ask(id: string, connectionLimit: number, fields?: Partial<SpecChange>): Promise<StoredResource>;
  /** Tells the reconcilers, as an operation does. */
  wake(id: string): Promise<void>;
  isGone(id: string): Promise<boolean>;
}

/** Of the databases that `newResource` makes. */
export const SPEC = { connectionLimit: 5, extensions: [], deletedAt: null, purgeAfter: null };

/** To be called once in a file. */
export function reconcilerSuite(): ReconcilerSuite {
  const suite = storeSuite();
  let world = new World();
  const running: Reconciler[] = [];
  afterEach(async () => {
    world.mend();
    await Promise.all(running.splice(0).map((reconciler) => reconciler.stop(1_000)));
    await suite.store.deleteFrom('resources').execute();
    world = new World();
  });
  return {
    openStore: suite.openStore,
    openFeed: suite.openFeed,
    get url() {
      return suite.url;
    },
    get store() {
      return suite.store;
    },
    get world() {
      return world;
    },
    async start({ holder = 'test', concurrency = 4, lookIntervalMs = 60_000, failPoint = noFailPoint } = {}) {
      const changes = await suite.openFeed(`feed of ${holder}`);
      const parts = { store: suite.store, changes, kinds: world.kinds(ring), failPoint, log: silentLog };
      const reconciler = new Reconciler(parts, { holder, concurrency, lookIntervalMs });
      reconciler.start();
      running.push(reconciler);
      return reconciler;
    },
    settled: (id) => waitForSettled(suite, id),
    ask: (id, connectionLimit, fields = {}) =>
      updateSpec(suite.store, id, {
        desired: 'active',
        spec: { ...SPEC, connectionLimit },
        fallback: null,
        awaitedBy: null,
        ...fields,
      }),
    wake: (id) =>
      insertEvent(suite.store, { name: 'test', resourceId: id, rootId: id, ownerId: null, wakes: true }),
    isGone: async (id) => (await findResource(suite.store, 'database', id)) === undefined,
  };
}

async function waitForSettled(suite: StoreSuite, id: string): Promise<StoredResource> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const row = await getRow(suite.store, id);
    if (row.observed_generation >= row.generation) return row;
    if (Date.now() > deadline) throw new Error(`not settled: ${JSON.stringify(row.conditions)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
