/**
 * An operation is a named thing that a caller may do. Whether they may is decided here, before anything else
 * runs, by the way it is declared: there is no way to run one without a decision.
 */
import { type Caller, maySee, type Origin } from '../domain/caller.ts';
import { allows, covers, type Level, type ScopeKind } from '../domain/scope.ts';
import { Fault } from '../kernel/fault.ts';
import type { Context } from './context.ts';

export interface Invocation<Input> {
  readonly caller: Caller;
  readonly origin: Origin;
  readonly input: Input;
}

/** What a limited key needs: reading or changing things of a kind. */
export type Need = `${ScopeKind}:${Exclude<Level, 'admin'>}`;

export interface Operation<Input, Output> {
  /** `<noun>.<verb>`, as in the audit log and the route tables. */
  readonly name: string;
  readonly access: 'user' | 'owner' | 'admin';
  readonly needs: Need;
  invoke(context: Context, invocation: Invocation<Input>): Promise<Output>;
}

/** An operation for any signed-in user, on what is their own. */
export function userOperation<Input, Output>(
  name: string,
  needs: Need,
  run: (context: Context, invocation: Invocation<Input>) => Promise<Output>,
): Operation<Input, Output> {
  return {
    name,
    access: 'user',
    needs,
    invoke: async (context, invocation) => run(context, within(needs, invocation)),
  };
}

/** An operation on one thing that has an owner. Absent and foreign fault alike, with the code `absent`. */
export function ownerOperation<Input, Target extends { readonly ownerId: number | null }, Output>(spec: {
  readonly name: string;
  readonly needs: Need;
  readonly absent: string;
  readonly find: (context: Context, input: Input, caller: Caller) => Promise<Target | undefined>;
  readonly run: (context: Context, invocation: Invocation<Input>, target: Target) => Promise<Output>;
}): Operation<Input, Output> {
  return {
    name: spec.name,
    access: 'owner',
    needs: spec.needs,
    async invoke(context, invocation) {
      const allowed = within(spec.needs, invocation);
      const target = await spec.find(context, allowed.input, allowed.caller);
      if (!target || !maySee(allowed.caller, target.ownerId)) {
        throw new Fault(spec.absent, 'it does not exist, or belongs to somebody else');
      }
      return spec.run(context, allowed, target);
    },
  };
}

/** An operation for administrators. Fault for anybody else: `forbidden.admin`. */
export function adminOperation<Input, Output>(
  name: string,
  needs: Need,
  run: (context: Context, invocation: Invocation<Input>) => Promise<Output>,
): Operation<Input, Output> {
  return {
    name,
    access: 'admin',
    needs,
    async invoke(context, invocation) {
      const allowed = within(needs, invocation);
      assertAdmin(allowed.caller);
      return run(context, allowed);
    },
  };
}

/** Fault: `forbidden.admin`. */
export function assertAdmin(caller: Caller): void {
  if (!caller.isAdmin) throw new Fault('forbidden.admin', 'only administrators may');
}

/**
 * What hands out the power of an account (its password, its address, the role of an administrator) is for callers
 * without limits: a limited key would shed its own. Fault: `forbidden.limited-key`.
 */
export function assertUnlimited(caller: Caller): void {
  if (covers(caller.scopes, null)) return;
  throw new Fault('forbidden.limited-key', 'a limited key hands out no power');
}

/**
 * The invocation with no more power than the key's scopes give it: without the administrator's level, the key
 * of an administrator counts as anybody's. Fault: `forbidden.scope`, with the scope that is missing.
 */
function within<Input>(needs: Need, invocation: Invocation<Input>): Invocation<Input> {
  const { caller } = invocation;
  if (caller.scopes === null) return invocation;
  const [kind, level] = needs.split(':') as [ScopeKind, Level];
  if (!allows(caller.scopes, kind, level)) {
    throw new Fault('forbidden.scope', `the key lacks the scope ${needs}`, { scope: needs });
  }
  const isAdmin = caller.isAdmin && allows(caller.scopes, kind, 'admin');
  return isAdmin === caller.isAdmin ? invocation : { ...invocation, caller: { ...caller, isAdmin } };
}
