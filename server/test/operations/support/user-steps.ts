/** What an administrator does to users, in short. */
import { beforeAll } from 'vitest';
import type { Caller } from '../../../src/domain/caller.ts';
import type { Scope } from '../../../src/domain/scope.ts';
import type { User } from '../../../src/domain/user.ts';
import { createApiKey } from '../../../src/operations/api-key/create.ts';
import type { Context } from '../../../src/operations/context.ts';
import { authenticateBearer } from '../../../src/operations/identity/authenticate.ts';
import type { RequestedChange } from '../../../src/operations/user/change.ts';
import { type CreateUserInput, createUser } from '../../../src/operations/user/create.ts';
import { deactivateUser } from '../../../src/operations/user/deactivate.ts';
import { getUser } from '../../../src/operations/user/get.ts';
import { updateUser } from '../../../src/operations/user/update.ts';
import { newName } from '../../store/support/store-suite.ts';
import { type OperationSuite, ORIGIN } from './operation-suite.ts';

const NO_CHANGE: RequestedChange = {
  username: null,
  email: null,
  password: null,
  isAdmin: null,
  isActive: null,
  perSecond: null,
  burst: null,
};

/** Operations on users, by an administrator unless said otherwise. To be called once in a file. */
export function userSteps(suite: OperationSuite) {
  let made: Caller | undefined;
  beforeAll(async () => {
    made = await suite.newCaller({ isAdmin: true });
  });
  const admin = (): Caller => {
    if (made === undefined) throw new Error('the suite has not begun');
    return made;
  };
  return {
    admin,
    create: (fields: Partial<CreateUserInput> = {}, caller = admin()): Promise<User> => {
      const username = newName('person');
      const input = {
        username,
        email: `${username}@example.org`,
        password: 'correct horse',
        isAdmin: false,
        perSecond: null,
        burst: null,
        ...fields,
      };
      return createUser.invoke(suite.context, { caller, origin: ORIGIN, input });
    },
    update: (id: number, change: Partial<RequestedChange>, caller = admin()): Promise<User> => {
      const input = { user: { id }, change: { ...NO_CHANGE, ...change } };
      return updateUser.invoke(suite.context, { caller, origin: ORIGIN, input });
    },
    deactivate: (id: number, caller = admin()): Promise<void> =>
      deactivateUser.invoke(suite.context, { caller, origin: ORIGIN, input: { user: { id } } }),
    get: (id: number): Promise<User> =>
      getUser.invoke(suite.context, { caller: admin(), origin: ORIGIN, input: { user: { id } } }),
    newToken: (caller: Caller, scopes: readonly Scope[] | null = null) => {
      const input = { door: 'token' as const, name: 'for a test', expiresAt: null, scopes };
      return createApiKey.invoke(suite.context, { caller, origin: ORIGIN, input });
    },
    /** The caller as their credential shows them, or why it is refused. */
    whoIs: (token: string, context: Context = suite.context): Promise<Caller | string> =>
      authenticateBearer(context, token).catch(({ details }) => details.reason as string),
  };
}
