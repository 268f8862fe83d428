import { type AuditEntry, listAuditByRoot } from '../../store/audit.ts';
import { ownerOperation } from '../operation.ts';
import { findDatabase } from './find.ts';

export type { AuditEntry };

const LIMIT = 200;

/** The newest 200 audit entries of a database and its users. Fault: `database.not-found`. */
export const auditDatabase = ownerOperation({
  name: 'database.audit',
  needs: 'database:read',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string }) => findDatabase(context, input.databaseId),
  run: (context, _invocation, database): Promise<AuditEntry[]> =>
    listAuditByRoot(context.store, database.id, LIMIT),
});
