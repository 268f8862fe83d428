/**
 * What every program gets as its environment. Not our own environment: that holds SECRET_KEY and
 * DATABASE_URL, and /proc/<pid>/environ would show them. The C locale keeps messages in English (some are
 * read by us) and keeps Postgres on macOS from starting threads too early.
 */
export const COMMAND_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};
