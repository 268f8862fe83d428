/**
 * How a role of the cluster says that it is ours. Groups say it by their computed name, logins by a
 * comment, because their name is chosen by people. The comment names the database as well: a login of
 * one tenant that somebody put into the group of another must not be taken for that tenant's own.
 */

/** Regular expression (POSIX, for the server, and JavaScript alike) of the names of group roles. */
export const GROUP_ROLE_PATTERN = '^by_[0-9a-f]{32}_(owner|read|write)$';

/** LIKE pattern of the comments of logins. */
export const LOGIN_COMMENT_PREFIX = 'backyard pg_user ';

/** The comment that a login of a database carries; its identity in the cluster. */
export function loginComment(pgUserId: string, databaseId: string): string {
  return `${LOGIN_COMMENT_PREFIX}${pgUserId}${databaseCommentSuffix(databaseId)}`;
}

/** What the comments of all logins of one database end in. */
export function databaseCommentSuffix(databaseId: string): string {
  return ` of database ${databaseId}`;
}
