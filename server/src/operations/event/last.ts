import { findLastEventId } from '../../store/events.ts';
import type { Context } from '../context.ts';
import { userOperation } from '../operation.ts';

/** The id of the newest event of all; 0 when there is none. */
export const lastEventId = userOperation(
  'event.last',
  'database:read',
  (context: Context): Promise<number> => findLastEventId(context.store),
);
