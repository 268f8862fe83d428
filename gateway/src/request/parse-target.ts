import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import type { Action, Target } from './api-request.ts';
import { percentDecode } from './percent-decode.ts';

/**
 * The thing a path names: `/`, `/table`, `/rpc/function`. Throws 404 PGRST125 for every other path and 404 PGRST126
 * for the root when its description is disabled.
 */
export function parseTarget(path: string, settings: TenantSettings): Target {
  const segments = (path.startsWith('/') ? path.slice(1) : path).split('/').map(percentDecode);
  const [first, second] = segments;
  if (first === undefined || (first === '' && segments.length === 1)) return rootTarget(settings);
  if (segments.length === 1) return { kind: 'table', name: first };
  if (segments.length === 2 && first === 'rpc' && second !== undefined) {
    return { kind: 'function', name: second };
  }
  throw new RestFault(404, 'PGRST125', 'Invalid path specified in request URL');
}

function rootTarget({ openapiMode, dbRootSpec }: TenantSettings): Target {
  if (openapiMode === 'disabled') throw new RestFault(404, 'PGRST126', 'Root endpoint metadata is disabled');
  if (dbRootSpec === null) return { kind: 'root' };
  return { kind: 'function', name: dbRootSpec.slice(dbRootSpec.lastIndexOf('.') + 1) };
}

const ACTIONS: Readonly<Record<Target['kind'], Readonly<Record<string, Action>>>> = {
  root: { GET: 'inspect', HEAD: 'inspect', OPTIONS: 'describe' },
  table: {
    GET: 'read',
    HEAD: 'read',
    POST: 'insert',
    PATCH: 'update',
    PUT: 'single-upsert',
    DELETE: 'delete',
    OPTIONS: 'describe',
  },
  function: { GET: 'call', HEAD: 'call', POST: 'call', OPTIONS: 'describe' },
};

/** Throws 405: PGRST101 for a function, PGRST117 elsewhere. */
export function parseAction(method: string, target: Target): Action {
  const actions = ACTIONS[target.kind];
  const action = Object.hasOwn(actions, method) ? actions[method] : undefined;
  if (action !== undefined) return action;
  if (target.kind === 'function') {
    throw new RestFault(405, 'PGRST101', `Cannot use the ${method} method on RPC`);
  }
  throw new RestFault(405, 'PGRST117', `Unsupported HTTP method: ${method}`);
}
