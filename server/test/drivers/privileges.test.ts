/**
 * Whatever users do and hands change, after the next pass every login holds exactly what pgweb contract 4.1
 * says, and what is made after that too.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from './support/cluster-access.ts';
import { type Happening, happening, type World } from './support/privilege-model.ts';
import { deviations, type Who } from './support/privilege-spec.ts';
import { Strangers } from './support/strangers.ts';
import { driverSuite, type PeopledTenant } from './support/suite.ts';

const RUNS = 12;
const LOOKS = 4;
const suite = driverSuite();

/** One look at everything, in the order of the reconciler: the database first. Counts the steps. */
async function pass(tenant: PeopledTenant): Promise<number> {
  const steps = await tenant.reconcile('active');
  return steps.length + (await tenant.reconcileUsers('active'));
}

async function settle(tenant: PeopledTenant): Promise<void> {
  for (let look = 0; look < LOOKS; look++) if ((await pass(tenant)) === 0) return;
  throw new Error('the drivers undo each other');
}

async function check(world: World, strangers: Strangers): Promise<void> {
  const people = new Map<string, Who>([
    [strangers.one, 'stranger'],
    [world.foreign.writer.login, 'stranger'],
    [world.foreign.reader.login, 'stranger'],
    ...world.tenant.users.map((user): [string, Who] => [user.login, user.level]),
  ]);
  expect(await deviations(suite.dsn, world.tenant.name, people)).toEqual([]);
}

async function makeMore(world: World): Promise<void> {
  for (const user of world.tenant.users.filter((one) => one.level === 'write')) {
    for (const role of ['SET ROLE NONE', 'SELECT 1']) {
      const name = `late_${world.count++}`;
      await run(
        suite.dsn,
        world.tenant.as(user),
        role,
        `CREATE SCHEMA ${name}`,
        `CREATE TABLE ${name}.things (id serial)`,
        `CREATE TABLE public.${name} (id serial)`,
      );
    }
  }
}

test('every login holds exactly what the contract says, after any sequence of events', {
  timeout: 300_000,
}, async () => {
  const strangers = await Strangers.make(suite.dsn);
  const foreign = await suite.tenant();
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 24 }), async (events: Happening[]) => {
      const tenant = await suite.tenant();
      const world: World = {
        dsn: suite.dsn,
        tenant,
        foreign,
        schemas: [],
        tables: [],
        sequences: [],
        count: 0,
      };
      for (const event of events) await event.happen(world);
      await settle(tenant);
      await settle(foreign);
      await check(world, strangers);
      await makeMore(world);
      await check(world, strangers);
      await tenant.reconcile('absent');
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 240_000, reporter: report },
  );
  await strangers.drop();
});

/** Events as people read them. */
function report(details: fc.RunDetails<[Happening[]]>): void {
  if (!details.failed) return;
  const [events = []] = details.counterexample ?? [];
  const story = events.map((event) => event.text).join('\n');
  throw new Error(`seed ${details.seed}, path ${details.counterexamplePath}\n${story}`, {
    cause: details.errorInstance,
  });
}
