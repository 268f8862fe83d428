import { RestFault } from '../fault.ts';
import type { Plan } from '../plan/plan.ts';
import type { ResultRow } from '../sql/statement.ts';

/**
 * What the client made a condition: one row only (406 PGRST116), no more rows than that (400 PGRST124).
 * Whoever runs a plan asks before it commits, so that what breaks a condition changes nothing.
 */
export function checkResult(
  { kind, body, mediaType, maxAffected }: Pick<Plan, 'body' | 'kind' | 'maxAffected' | 'mediaType'>,
  { rows }: Pick<ResultRow, 'rows'>,
): void {
  if (body.kind === 'explain') {
    return;
  }
  if (/^application\/vnd\.pgrst\.object(?:\+json)?$/.test(mediaType.type) && rows !== 1) {
    throw new RestFault(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
      details: `The result contains ${rows} rows`,
    });
  }
  if (kind !== 'read' && kind !== 'insert' && maxAffected !== null && rows > maxAffected) {
    throw new RestFault(400, 'PGRST124', 'Query result exceeds max-affected preference constraint', {
      details: `The query affects ${rows} rows`,
    });
  }
}
