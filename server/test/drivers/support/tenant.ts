/** A managed database with a writer and a reader, made by the drivers as the reconciler would. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseTarget } from '../../../src/domain/database.ts';
import type { PermissionLevel, PgUserTarget } from '../../../src/domain/pg-user.ts';
import type { Desired } from '../../../src/domain/resource.ts';
import type { ClusterPool } from '../../../src/drivers/postgres/cluster-pool.ts';
import { databaseDriver } from '../../../src/drivers/postgres/database-driver.ts';
import { pgUserDriver } from '../../../src/drivers/postgres/pg-user-driver.ts';
import { scramVerifier } from '../../../src/kernel/scram.ts';
import type { Whereabouts } from './cluster-access.ts';
import { reconcile } from './reconcile.ts';

export interface TenantUser {
  readonly id: string;
  readonly login: string;
  readonly level: PermissionLevel;
  readonly password: string;
  readonly target: PgUserTarget;
}

export class Tenant {
  readonly id = randomUUID();
  readonly name = `law_${randomBytes(5).toString('hex')}`;
  readonly users: TenantUser[] = [];
  readonly #pool: ClusterPool;
  settled = false;

  constructor(pool: ClusterPool) {
    this.#pool = pool;
  }

  target(desired: Desired): DatabaseTarget {
    return {
      id: this.id,
      name: this.name,
      desired,
      everSettled: this.settled,
      connectionLimit: 50,
      extensions: ['uuid-ossp', 'no-such-extension'],
      logins: this.users.map((user) => ({ role: user.login, level: user.level })),
    };
  }

  /** Brings the database itself to what is wanted. */
  async reconcile(desired: Desired): Promise<readonly string[]> {
    const { steps } = await reconcile(databaseDriver(this.#pool), this.target(desired));
    this.settled = true;
    return steps;
  }

  async addUser(level: PermissionLevel): Promise<TenantUser> {
    const user = await newUser(this, level);
    const { observation } = await reconcile(pgUserDriver(this.#pool), user.target);
    if (observation === null) throw new Error('a user that was made is not seen');
    const made = { ...user, login: observation.login, target: settledTarget(user.target, observation.login) };
    this.users.push(made);
    return made;
  }

  async removeUser(user: TenantUser): Promise<void> {
    await reconcile(pgUserDriver(this.#pool), { ...user.target, desired: 'absent' });
    this.users.splice(this.users.indexOf(user), 1);
  }

  /** Brings every user to what is wanted. Counts the steps that it took. */
  async reconcileUsers(desired: Desired): Promise<number> {
    let count = 0;
    for (const user of this.users) {
      const { steps } = await reconcile(pgUserDriver(this.#pool), { ...user.target, desired });
      count += steps.length;
    }
    return count;
  }

  as(user: TenantUser): Whereabouts {
    return { database: this.name, user: user.login, password: user.password };
  }
}

/** A tenant that is active, with one user of each level. */
export async function newTenant(
  pool: ClusterPool,
): Promise<Tenant & { writer: TenantUser; reader: TenantUser }> {
  const tenant = new Tenant(pool);
  await tenant.reconcile('active');
  const writer = await tenant.addUser('write');
  const reader = await tenant.addUser('read');
  return Object.assign(tenant, { writer, reader });
}

/** A user that is not there yet; its login is what it will get when the name is free. */
export async function newUser(tenant: Tenant, level: PermissionLevel): Promise<TenantUser> {
  const id = randomUUID();
  const username = `${level}_${randomBytes(5).toString('hex')}`;
  const password = randomBytes(24).toString('base64url');
  const target: PgUserTarget = {
    id,
    username,
    desired: 'active',
    everSettled: false,
    databaseId: tenant.id,
    databaseName: tenant.name,
    permissionLevel: level,
    login: null,
    verifier: await scramVerifier(password),
    connectionLimit: 20,
    statementTimeout: '120s',
    idleTransactionTimeout: '10min',
    sessionsEndedBefore: null,
  };
  return { id, login: username, level, password, target };
}

export function settledTarget(target: PgUserTarget, login: string): PgUserTarget {
  return { ...target, everSettled: true, login };
}
