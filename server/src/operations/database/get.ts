import { ownerOperation } from '../operation.ts';
import { findDatabase } from './find.ts';

/** Gets a database. Fault: `database.not-found`. */
export const getDatabase = ownerOperation({
  name: 'database.get',
  needs: 'database:read',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string }) => findDatabase(context, input.databaseId),
  run: async (_context, _invocation, database) => database,
});
