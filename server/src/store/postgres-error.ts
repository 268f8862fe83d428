import pg from 'pg';

/** True when a statement failed because a unique index has the value already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505';
}
