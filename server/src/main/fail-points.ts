/** Prints every point that `BACKYARD_FAIL_POINT` can name, one a line; crash tests walk through them. */
import { CLUSTER_STEP_NAMES } from '../drivers/postgres/cluster-driver.ts';
import { DATABASE_STEP_NAMES } from '../drivers/postgres/database-plan.ts';
import { PG_USER_STEP_NAMES } from '../drivers/postgres/pg-user-plan.ts';

const STEPS = { cluster: CLUSTER_STEP_NAMES, database: DATABASE_STEP_NAMES, pg_user: PG_USER_STEP_NAMES };
const DESIRED = ['active', 'suspended', 'absent'];
const OPERATIONS = [
  'database.create',
  'database.delete',
  'database.undelete',
  'database.purge',
  'pg-user.create',
  'pg-user.rotate-password',
  'pg-user.delete',
];

const points = [
  ...OPERATIONS.map((operation) => `operation/${operation}/committed`),
  ...Object.entries(STEPS).flatMap(([kind, steps]) =>
    ['before', 'after'].flatMap((when) => [
      `settle/${kind}:${when}`,
      ...DESIRED.flatMap((desired) => steps.map((step) => `${kind}/${desired}/${step}:${when}`)),
    ]),
  ),
];
process.stdout.write(`${points.join('\n')}\n`);
