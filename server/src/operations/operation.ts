/**
 * An operation is a named thing that a caller may do. Whether they may is decided here, before anything else
 * runs, by the way it is declared: there is no way to run one without a decision.
 */
import { type Caller, maySee, type Origin } from '../domain/caller.ts';
import { Fault } from '../kernel/fault.ts';
import type { Context } from './context.ts';

export interface Invocation<Input> {
  readonly caller: Caller;
  readonly origin: Origin;
  readonly input: Input;
}

export interface Operation<Input, Output> {
  /** `<noun>.<verb>`, as in the audit log and the route tables. */
  readonly name: string;
  readonly access: 'user' | 'owner';
  invoke(context: Context, invocation: Invocation<Input>): Promise<Output>;
}

/** An operation for any signed-in user, on what is their own. */
export function userOperation<Input, Output>(
  name: string,
  run: (context: Context, invocation: Invocation<Input>) => Promise<Output>,
): Operation<Input, Output> {
  return { name, access: 'user', invoke: run };
}

/** An operation on one thing that has an owner. Absent and foreign fault alike, with the code `absent`. */
export function ownerOperation<Input, Target extends { readonly ownerId: number | null }, Output>(spec: {
  readonly name: string;
  readonly absent: string;
  readonly find: (context: Context, input: Input, caller: Caller) => Promise<Target | undefined>;
  readonly run: (context: Context, invocation: Invocation<Input>, target: Target) => Promise<Output>;
}): Operation<Input, Output> {
  return {
    name: spec.name,
    access: 'owner',
    async invoke(context, invocation) {
      const target = await spec.find(context, invocation.input, invocation.caller);
      if (!target || !maySee(invocation.caller, target.ownerId)) {
        throw new Fault(spec.absent, 'it does not exist, or belongs to somebody else');
      }
      return spec.run(context, invocation, target);
    },
  };
}
