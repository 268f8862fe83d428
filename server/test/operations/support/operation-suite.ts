import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Caller } from '../../../src/domain/caller.ts';
import type { Database } from '../../../src/domain/database.ts';
import { openBackupDirectory } from '../../../src/drivers/backup-files/backup-files.ts';
import { Fault } from '../../../src/kernel/fault.ts';
import { hashPassword } from '../../../src/kernel/password.ts';
import { deriveKey } from '../../../src/kernel/seal.ts';
import type { Context, ManagedPostgresSettings } from '../../../src/operations/context.ts';
import { createDatabase } from '../../../src/operations/database/create.ts';
import { callerOf } from '../../../src/operations/identity/authenticate.ts';
import { CredentialCache } from '../../../src/operations/identity/credential-cache.ts';
import { CredentialUsage } from '../../../src/operations/identity/credential-usage.ts';
import { type SignedIn, startSession } from '../../../src/operations/identity/start-session.ts';
import { RateLimiter } from '../../../src/operations/rate-limiter.ts';
import { noFailPoint } from '../../../src/reconcile/fail-point.ts';
import { Reconciler } from '../../../src/reconcile/reconciler.ts';
import { ensureCluster } from '../../../src/reconcile/recover.ts';
import type { ChangeFeed } from '../../../src/store/changes.ts';
import type { NewUser } from '../../../src/store/users.ts';
import { ring } from '../../reconcile/support/reconciler-suite.ts';
import { World } from '../../reconcile/support/world.ts';
import { newName, newUser, type StoreSuite, silentLog, storeSuite } from '../../store/support/store-suite.ts';

export const SETTINGS: ManagedPostgresSettings = {
  connectionHost: 'db.example.org',
  connectionPort: 6432,
  sslMode: 'prefer',
  maxDatabasesPerOwner: 3,
  maxUsersPerDatabase: 2,
  userConnectionLimit: 20,
  databaseConnectionLimit: 50,
  statementTimeout: '120s',
  idleTransactionTimeout: '10min',
  extensions: [],
  retentionDays: 7,
  restoreMaxBytes: 1_000_000,
};

export const ORIGIN = { requestId: 'a-request-of-this-test', address: '192.0.2.7', userAgent: 'a test' };

export interface OperationSuite extends StoreSuite {
  readonly context: Context;
  readonly world: World;
  readonly reconciler: Reconciler;
  /** A context as another replica has it: the same database, a feed and a cache of its own. */
  openReplica(): Promise<Context>;
  createDatabase(caller: Caller, name?: string): Promise<Database>;
  /** Invokes an operation on a database. */
  on<Output>(
    operation: DatabaseOperation<Output>,
    caller: Caller,
    databaseId: string,
    confirm?: string,
  ): Promise<Output>;
  /** A session of this person, by password. */
  startSession(userId: number, carrier: 'cookie' | 'bearer'): Promise<SignedIn>;
  /** A new person, as a session of theirs would show them. */
  newCaller(user?: Partial<NewUser> & { password?: string }): Promise<Caller>;
}

/** Operations on a real database of ours, with a reconciler that keeps a small world true. */
export function operationSuite(): OperationSuite {
  const suite = storeSuite();
  const world = new World();
  let context: Context | undefined;
  let reconciler: Reconciler | undefined;
  beforeAll(async () => {
    const changes = await suite.openFeed('feed of operations');
    context = contextOf(suite, changes);
    await ensureCluster(suite.store);
    const parts = {
      store: suite.store,
      changes,
      kinds: world.kinds(ring),
      failPoint: noFailPoint,
      log: silentLog,
    };
    reconciler = new Reconciler(parts, { holder: 'test', concurrency: 8, lookIntervalMs: 60_000 });
    reconciler.start();
  });
  afterEach(() => world.mend());
  afterAll(() => reconciler?.stop(1_000));
  return {
    openStore: suite.openStore,
    openFeed: suite.openFeed,
    get url() {
      return suite.url;
    },
    get store() {
      return suite.store;
    },
    world,
    get context() {
      return required(context);
    },
    get reconciler() {
      return required(reconciler);
    },
    createDatabase: (caller, name = newName('shop')) =>
      createDatabase.invoke(required(context), { caller, origin: ORIGIN, input: { name } }),
    on: (operation, caller, databaseId, confirm = '') =>
      operation.invoke(required(context), { caller, origin: ORIGIN, input: { databaseId, confirm } }),
    openReplica: async () => contextOf(suite, await suite.openFeed('feed of a replica')),
    startSession: (userId, carrier) =>
      startSession(required(context), suite.store, userId, { carrier, method: 'password', origin: ORIGIN }),
    newCaller: async ({ password, ...user } = {}) => {
      const passwordHash = password === undefined ? null : await hashPassword(password);
      return callerOf(await newUser(suite.store, { passwordHash, ...user }), {});
    },
  };
}

/** An operation that names a database; what else it asks for has a default. */
export interface DatabaseOperation<Output> {
  readonly name: string;
  invoke(
    context: Context,
    invocation: { caller: Caller; origin: typeof ORIGIN; input: { databaseId: string; confirm: string } },
  ): Promise<Output>;
}

/** Each outcome as one word: `done`, or the code of the fault. */
export async function codesOf(work: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => (result.status === 'fulfilled' ? 'done' : result.reason.code));
}

export function stuck(): never {
  throw new Fault('world.stuck', 'the door is stuck');
}

function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the suite has not begun');
  return part;
}

/** Real files, of this process only. */
const filesDir = mkdtempSync(join(tmpdir(), 'backyard-test-backups-'));
const files = await openBackupDirectory(filesDir);
process.on('exit', () => rmSync(filesDir, { recursive: true, force: true }));

function contextOf(suite: StoreSuite, changes: ChangeFeed): Context {
  return {
    store: suite.store,
    changes,
    credentials: new CredentialCache(changes),
    usage: new CredentialUsage(suite.store, silentLog),
    limiter: new RateLimiter({ log: silentLog }),
    sessions: { idleMs: 3_600_000, lifetimeMs: 7_200_000 },
    roleLimits: { user: { perSecond: 10, burst: 20 }, admin: { perSecond: 100, burst: 200 } },
    providers: [],
    postLogoutUrl: null,
    ring,
    log: silentLog,
    instanceId: 'test',
    jwtKey: deriveKey('a key of this test', 'jwt'),
    postgres: SETTINGS,
    backupFiles: files,
    isStopping: () => false,
    failPoint: noFailPoint,
  };
}
