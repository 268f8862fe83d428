import { identity } from './identity/index.ts';
import { live } from './live/index.ts';
import { orchestrator } from './orchestrator/index.ts';
import { pgweb } from './pgweb/index.ts';
import type { Contract } from './route.ts';
import { supacontrol } from './supacontrol/index.ts';

export * from './route.ts';

/** Every contract that the public port serves. */
export const publicContracts: readonly Contract[] = [pgweb, identity, supacontrol, orchestrator, live];
