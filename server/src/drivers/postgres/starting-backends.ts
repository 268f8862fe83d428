/**
 * A backend that is just starting perhaps passed the checks of ALLOW_CONNECTIONS and LOGIN before we closed
 * them, and shows in pg_stat_activity without a database, or not at all. A client can stretch that moment
 * with the start parameter `post_auth_delay`. Its lock on the database gives it away. Backends that start
 * after the closing show here too, until they are refused, so only those count that were there right after it.
 */
export function startingBackends(databaseName: string): string {
  return `SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
  WHERE d.datname = ${databaseName} AND l.locktype = 'object' AND l.classid = 'pg_database'::regclass
    AND l.pid NOT IN (SELECT a.pid FROM pg_stat_activity a WHERE a.datid IS NOT NULL)`;
}
