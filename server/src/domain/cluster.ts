/** The managed cluster, a resource of its own: what holds for all of its databases is kept true there. */

/** The cluster of `PG_ADMIN_DSN`. */
export const CLUSTER_ID = '00000000-0000-4000-8000-000000000001';
