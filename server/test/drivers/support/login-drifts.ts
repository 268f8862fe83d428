/** What hands can do to the login of a user behind our back. */
import { databaseRoles } from '../../../src/domain/database.ts';
import type { Drift } from '../driver-law.ts';
import { run } from './cluster-access.ts';
import type { Strangers } from './strangers.ts';
import type { Tenant, TenantUser } from './tenant.ts';

export function loginDrifts(dsn: string, tenant: Tenant, user: TenantUser, strangers: Strangers): Drift[] {
  const { owner, read, write } = databaseRoles(tenant.id);
  const [right, wrong] = user.level === 'write' ? [write, read] : [read, write];
  const { login } = user;
  const here = `ALTER ROLE ${login} IN DATABASE ${tenant.name}`;
  const drift = (name: string, ...statements: string[]): Drift => ({
    name,
    make: async () => void (await run(dsn, { database: tenant.name }, ...statements)),
  });
  return [
    {
      name: 'the user changed the password',
      make: async () =>
        void (await run(dsn, tenant.as(user), 'SET ROLE NONE', `ALTER ROLE ${login} PASSWORD 'mine'`)),
    },
    {
      name: 'the user changed a setting',
      make: async () =>
        void (await run(
          dsn,
          tenant.as(user),
          'SET ROLE NONE',
          `ALTER ROLE ${login} SET statement_timeout = 0`,
        )),
    },
    drift('no password', `ALTER ROLE ${login} PASSWORD NULL`),
    drift('no comment', `COMMENT ON ROLE ${login} IS NULL`),
    drift('another comment', `COMMENT ON ROLE ${login} IS 'the one of the shop'`),
    drift('shut out', `ALTER ROLE ${login} NOLOGIN`),
    drift('more rights', `ALTER ROLE ${login} CREATEDB CREATEROLE REPLICATION BYPASSRLS`),
    drift('superuser', `ALTER ROLE ${login} SUPERUSER`),
    drift('inherits nothing', `ALTER ROLE ${login} NOINHERIT`),
    drift('another limit', `ALTER ROLE ${login} CONNECTION LIMIT 1`),
    drift('ends', `ALTER ROLE ${login} VALID UNTIL '2100-01-01'`),
    drift('another setting here', `${here} SET statement_timeout = '1s'`),
    drift('a setting more here', `${here} SET work_mem = '1GB'`),
    drift('no settings', `${here} RESET ALL`),
    drift('settings elsewhere', `ALTER ROLE ${login} IN DATABASE postgres SET work_mem = '1GB'`),
    drift('another level', `REVOKE ${right} FROM ${login}`, `GRANT ${wrong} TO ${login}`),
    drift('both levels', `GRANT ${wrong} TO ${login}`),
    drift('no level', `REVOKE ${right} FROM ${login}`),
    drift('owner of the database', `GRANT ${owner} TO ${login}`),
    drift('reads everything', `GRANT pg_read_all_data TO ${login}`),
    drift(
      'hands on',
      `GRANT ${right} TO ${login} WITH ADMIN OPTION`,
      `SET ROLE ${login}`,
      `GRANT ${right} TO ${strangers.one}`,
    ),
    drift('has a member', `GRANT ${login} TO ${strangers.one}`),
    drift(
      'is gone',
      `REASSIGN OWNED BY ${login} TO ${write}`,
      `DROP OWNED BY ${login}`,
      `DROP ROLE ${login}`,
    ),
  ];
}
