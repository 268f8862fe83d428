import type { Database } from '../../domain/database.ts';
import { countRoots, listRoots, toResource } from '../../store/resources.ts';
import { userOperation } from '../operation.ts';

export interface ListDatabasesInput {
  /** `all` is for administrators; anybody else gets their own. */
  readonly scope: 'own' | 'all';
  /** `null` for all of them. */
  readonly limit: number | null;
  readonly offset: number;
}

export interface DatabasePage {
  readonly databases: readonly Database[];
  /** How many there are without limit and offset; `null` when nobody asked for a page. */
  readonly total: number | null;
}

/** Lists databases, newest first, soft-deleted ones included until they are purged. */
export const listDatabases = userOperation(
  'database.list',
  'database:read',
  async (
    context,
    { caller, input }: { caller: { userId: number; isAdmin: boolean }; input: ListDatabasesInput },
  ) => {
    const ownerId = input.scope === 'all' && caller.isAdmin ? null : caller.userId;
    const rows = await listRoots(context.store, 'database', {
      ownerId,
      limit: input.limit,
      offset: input.offset,
    });
    const databases = rows.map((row) => toResource({ ...row, kind: 'database' }));
    const total = input.limit === null ? null : await countRoots(context.store, 'database', ownerId);
    return { databases, total } satisfies DatabasePage;
  },
);
