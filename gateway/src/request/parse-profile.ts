import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';

const WRITING_METHODS: ReadonlySet<string> = new Set(['DELETE', 'PATCH', 'POST', 'PUT']);

export interface Profile {
  readonly schema: string;
  readonly isNegotiated: boolean;
}

/** The schema that the request is about. Throws 406 PGRST106 when it is not exposed. */
export function parseProfile(
  method: string,
  headers: Readonly<Record<string, string>>,
  { dbSchemas }: TenantSettings,
): Profile {
  const named = headers[WRITING_METHODS.has(method) ? 'content-profile' : 'accept-profile'];
  if (named === undefined) return { schema: dbSchemas[0], isNegotiated: dbSchemas.length > 1 };
  if (dbSchemas.includes(named)) return { schema: named, isNegotiated: true };
  throw new RestFault(406, 'PGRST106', `Invalid schema: ${named}`, {
    hint: `Only the following schemas are exposed: ${dbSchemas.join(', ')}`,
  });
}
