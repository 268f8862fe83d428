/** Random things that happen to a managed database, by its users and behind our back. */
import fc from 'fast-check';
import { databaseRoles } from '../../../src/domain/database.ts';
import { failureCode, run } from './cluster-access.ts';
import type { PeopledTenant } from './suite.ts';

export interface World {
  readonly dsn: string;
  readonly tenant: PeopledTenant;
  readonly foreign: PeopledTenant;
  /** Schemas, tables and sequences made so far, by name. */
  readonly schemas: string[];
  readonly tables: string[];
  readonly sequences: string[];
  count: number;
}

export interface Happening {
  readonly text: string;
  happen(world: World): Promise<void>;
}

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(list.length, 1)];
const index = fc.nat(1000);

/** Who can be given something by hand. */
function grantees(world: World): string[] {
  const own = databaseRoles(world.tenant.id);
  const other = databaseRoles(world.foreign.id);
  return [
    'PUBLIC',
    own.read,
    own.write,
    own.owner,
    other.write,
    world.foreign.reader.login,
    ...world.tenant.users.map((user) => user.login),
  ];
}

function objects(world: World): { on: string; privileges: readonly string[] }[] {
  const tables = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'SELECT (id)', 'UPDATE (id)', 'ALL'];
  return [
    { on: `DATABASE ${world.tenant.name}`, privileges: ['CONNECT', 'CREATE', 'TEMPORARY', 'ALL'] },
    ...['public', ...world.schemas].map((name) => ({
      on: `SCHEMA ${name}`,
      privileges: ['USAGE', 'CREATE', 'ALL'],
    })),
    ...world.tables.map((name) => ({ on: `TABLE ${name}`, privileges: tables })),
    ...world.sequences.map((name) => ({
      on: `SEQUENCE ${name}`,
      privileges: ['USAGE', 'SELECT', 'UPDATE', 'ALL'],
    })),
  ];
}

/** By hand everything may fail, for example a circle of memberships; then it did not happen. */
async function byHand(world: World, statement: string): Promise<void> {
  await failureCode(run(world.dsn, { database: world.tenant.name }, statement));
}

const userComes = fc.constantFrom('read', 'write').map(
  (level): Happening => ({
    text: `a user comes: ${level}`,
    happen: async ({ tenant }) => void (await tenant.addUser(level)),
  }),
);

const userGoes = index.map(
  (at): Happening => ({
    text: `user ${at} goes`,
    happen: async ({ tenant }) => {
      const user = tenant.users.length > 1 ? pick(tenant.users, at) : undefined;
      if (user !== undefined) await tenant.removeUser(user);
    },
  }),
);

const objectComes = fc
  .tuple(index, fc.constantFrom('TABLE', 'SCHEMA', 'SEQUENCE', 'VIEW'), fc.boolean(), index)
  .map(
    ([at, kind, asLogin, room]): Happening => ({
      text: `writer ${at} makes a ${kind}${asLogin ? ' as itself' : ''} in room ${room}`,
      happen: async (world) => {
        const user = pick(
          world.tenant.users.filter((one) => one.level === 'write'),
          at,
        );
        if (user === undefined) return;
        const name = `thing_${world.count++}`;
        const inside = `${pick(['public', ...world.schemas], room)}.${name}`;
        const create = {
          TABLE: `CREATE TABLE ${inside} (id serial, word text)`,
          SCHEMA: `CREATE SCHEMA ${name}`,
          SEQUENCE: `CREATE SEQUENCE ${inside}`,
          VIEW: `CREATE VIEW ${inside} AS SELECT 1 AS id`,
        }[kind];
        const statements = [...(asLogin ? ['SET ROLE NONE'] : []), create];
        if ((await failureCode(run(world.dsn, world.tenant.as(user), ...statements))) !== undefined) return;
        if (kind === 'SCHEMA') world.schemas.push(name);
        else (kind === 'SEQUENCE' ? world.sequences : world.tables).push(inside);
      },
    }),
  );

const rightsMove = fc.tuple(fc.boolean(), index, index, index, fc.boolean()).map(
  ([gives, object, right, who, option]): Happening => ({
    text: `by hand: ${gives ? 'grant' : 'revoke'} right ${right} on ${object} for ${who}${option ? ' with option' : ''}`,
    happen: async (world) => {
      const target = pick(objects(world), object);
      const grantee = pick(grantees(world), who);
      if (target === undefined || grantee === undefined) return;
      const what = `${pick(target.privileges, right)} ON ${target.on}`;
      const suffix = option && grantee !== 'PUBLIC' ? ' WITH GRANT OPTION' : '';
      const grant = `GRANT ${what} TO ${grantee}${suffix}`;
      await byHand(world, gives ? grant : `REVOKE ${what} FROM ${grantee} CASCADE`);
    },
  }),
);

const membershipMoves = fc.tuple(fc.boolean(), index, index, fc.boolean()).map(
  ([gives, role, member, admin]): Happening => ({
    text: `by hand: ${gives ? 'join' : 'leave'} ${member} and ${role}${admin ? ' with admin' : ''}`,
    happen: async (world) => {
      const roles = [...grantees(world).slice(1), 'pg_read_all_data'];
      const [group, one] = [pick(roles, role), pick(roles.slice(0, -1), member)];
      const suffix = admin ? ' WITH ADMIN OPTION' : '';
      await byHand(
        world,
        gives ? `GRANT ${group} TO ${one}${suffix}` : `REVOKE ${group} FROM ${one} CASCADE`,
      );
    },
  }),
);

const ownerMoves = fc.tuple(index, index).map(
  ([object, who]): Happening => ({
    text: `by hand: owner of ${object} becomes ${who}`,
    happen: async (world) => {
      const target = pick(objects(world), object);
      const owner = pick(grantees(world).slice(1), who);
      if (target !== undefined) await byHand(world, `ALTER ${target.on} OWNER TO ${owner}`);
    },
  }),
);

const defaultsMove = fc
  .tuple(fc.boolean(), index, index, fc.constantFrom('TABLES', 'SEQUENCES', 'SCHEMAS'))
  .map(
    ([gives, creator, who, kind]): Happening => ({
      text: `by hand: new ${kind} of ${creator} ${gives ? '' : 'not '}for ${who}`,
      happen: async (world) => {
        const of = pick(grantees(world).slice(1), creator);
        const grantee = pick(grantees(world), who);
        const change = gives ? `GRANT ALL ON ${kind} TO ${grantee}` : `REVOKE ALL ON ${kind} FROM ${grantee}`;
        await byHand(world, `ALTER DEFAULT PRIVILEGES FOR ROLE ${of} ${change}`);
      },
    }),
  );

/** One of everything that can happen; rights and objects more often than the rest. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 1, arbitrary: userComes },
  { weight: 1, arbitrary: userGoes },
  { weight: 4, arbitrary: objectComes },
  { weight: 5, arbitrary: rightsMove },
  { weight: 2, arbitrary: membershipMoves },
  { weight: 2, arbitrary: ownerMoves },
  { weight: 2, arbitrary: defaultsMove },
);
