export interface CatalogRoleSetting {
  readonly role: string;
  readonly name: string;
  readonly value: string;
}

/**
 * What `ALTER ROLE … SET`, for all databases, gives to the roles that the login can become, as far as the login may set
 * it by itself. Names that Postgres does not know are custom ones, with a dot.
 * Rule: PostgREST, "Impersonated Role Settings".
 */
export function roleSettingsSql(): string {
  return `
    SELECT role.rolname AS role, item.name, item.value
    FROM pg_catalog.pg_roles login
    JOIN pg_catalog.pg_roles role ON pg_catalog.pg_has_role(login.oid, role.oid, 'MEMBER')
    CROSS JOIN LATERAL (
      SELECT lower(split_part(text, '=', 1)) AS name, substr(text, strpos(text, '=') + 1) AS value
      FROM unnest(role.rolconfig) AS text
    ) item
    LEFT JOIN pg_catalog.pg_settings setting ON lower(setting.name) = item.name
    WHERE login.rolname = session_user
      AND (setting.context = 'user'
        OR (setting.context = 'superuser' AND login.rolsuper)
        OR (setting.name IS NULL AND strpos(item.name, '.') > 0))
    ORDER BY role.rolname, item.name`;
}
