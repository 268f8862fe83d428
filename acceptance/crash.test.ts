/**
 * The server is killed at each point of each call. After the next start, within 10 s, everything that was
 * acknowledged is there and usable, and nothing that was not is left behind.
 */
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { Answer, Api } from './support/api.ts';
import { as, groupRoles, type Inventory, inventory } from './support/cluster.ts';
import { neverPassed, type Scenario, scenarios, type Target, wasDone } from './support/crash-scenarios.ts';
import { listFailPoints, matching } from './support/fail-points.ts';
import { theAdmin } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { createDatabase, createPgUser, listPgUsers } from './support/resources.ts';
import { until } from './support/until.ts';
import type { CreatedPgUser, Database } from './support/wire.ts';

const points = await listFailPoints();

/** One data directory for all points; its Postgres lives on from crash to crash. */
let product: Product;
let admin: Api;
/** The cluster before the first database. */
let empty: Inventory;
/** Acknowledged before all crashes, and used after each. */
const anchors: CreatedPgUser[] = [];

beforeAll(async () => {
  // Seldom looks: a point is then passed by the call, not by a look at what was made before.
  product = await startProduct({ env: { BACKYARD_RECONCILE_INTERVAL: '3600' } });
  admin = (await theAdmin(product)).api;
  empty = await inventory(product);
  const { database_id } = await createDatabase(admin);
  for (const level of ['read', 'write'] as const) anchors.push(await createPgUser(admin, database_id, level));
});

afterAll(async () => {
  await product?.dispose();
});

/** The server's answer, or `undefined` when it died before. */
async function cutOff(scenario: Scenario, target: Target): Promise<Answer | undefined> {
  try {
    return await scenario.send(admin, target);
  } catch {
    await died();
    return undefined;
  }
}

function died(): Promise<boolean> {
  return until(() => !product.running, { what: 'the server dies at the point', timeoutMs: 5_000 });
}

async function expectAnchorsUsable(): Promise<void> {
  for (const { connection } of anchors) {
    const { rows } = await as(connection, (client) => client.query('select current_database() as name'));
    expect(rows).toEqual([{ name: connection.database }]);
  }
}

/** Databases and roles in the cluster are exactly those of the lists. */
async function expectNothingLeftBehind(): Promise<void> {
  const { body } = await admin.get<readonly Database[]>('/api/databases?scope=all');
  const users = await Promise.all(body.map((one) => listPgUsers(admin, one.database_id)));
  const roles = [
    ...empty.roles,
    ...body.flatMap((one) => Object.values(groupRoles(one.database_id))),
    ...users.flat().map((user) => user.connection.user),
  ];
  const databases = [...empty.databases, ...body.map((one) => one.pg_database_name)];
  expect(await inventory(product)).toEqual({ databases: databases.sort(), roles: roles.sort() });
}

describe.each(scenarios.map((scenario) => [scenario.call, scenario] as const))('%s', (_, scenario) => {
  test.each(matching(points, scenario.passes))('%s', async (point) => {
    const before = product.output.length;
    onTestFailed(() => void process.stderr.write(`--- output\n${product.output.slice(before)}\n`));
    if (!product.running) await product.start({ BACKYARD_FAIL_POINT: undefined });
    const target = await scenario.prepare(admin);
    await product.kill();
    await product.start({ BACKYARD_FAIL_POINT: `kill:${point}` });
    const answer = await cutOff(scenario, target);
    await died();
    const began = performance.now();
    await product.start({ BACKYARD_FAIL_POINT: undefined });
    const mayAnswer = wasDone(point) || scenario.call === 'purge a database';
    expect(answer === undefined || mayAnswer, `answered ${answer?.status} before ${point}`).toBe(true);
    await until(
      async () => {
        await scenario.check(admin, target, point);
        await expectNothingLeftBehind();
        return true;
      },
      { what: 'all is well again', timeoutMs: Math.max(0, 10_000 - (performance.now() - began)) },
    );
    if (answer !== undefined) await scenario.acknowledged(admin, target, answer);
    await expectAnchorsUsable();
    await scenario.again?.(admin, target);
  });
});

test('every point of the server is tried, or known to need more than one call', () => {
  const known = matching(points, [...scenarios.flatMap((scenario) => scenario.passes), ...neverPassed]);
  expect(points.filter((point) => !known.includes(point))).toEqual([]);
  for (const { call, passes } of scenarios) {
    for (const expression of passes) expect(matching(points, [expression]), call).not.toEqual([]);
  }
});
