import type { orchestrator } from '@backyard/contracts/orchestrator';
import type { User } from '../../domain/user.ts';
import { createUser } from '../../operations/user/create.ts';
import { deactivateUser } from '../../operations/user/deactivate.ts';
import { getUser } from '../../operations/user/get.ts';
import { listUsers } from '../../operations/user/list.ts';
import { listUserTokens } from '../../operations/user/list-tokens.ts';
import { revokeUserToken } from '../../operations/user/revoke-token.ts';
import { updateUser } from '../../operations/user/update.ts';
import type { Implementations } from '../kit/surface.ts';
import { id, tokenNumber } from './id-field.ts';
import { readRequest } from './read-request.ts';
import { presentTokens, TOKEN_REVOKED } from './tokens.ts';
import { newUserBody, userChangeBody, userListQuery, userPath } from './user-fields.ts';

function presentUser(user: User) {
  return {
    id: user.id,
    username: user.username,
    email: user.email ?? '',
    is_active: user.isActive,
    is_admin: user.isAdmin,
    rate_limit_per_second: user.limits.perSecond,
    rate_limit_burst: user.limits.burst,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

type UserOperation =
  | 'user.list'
  | 'user.create'
  | 'user.get'
  | 'user.update'
  | 'user.deactivate'
  | 'user-token.list'
  | 'user-token.revoke';

export const userImplementations: Pick<Implementations<typeof orchestrator>, UserOperation> = {
  'user.list': async ({ context, caller, origin, raw }) => {
    const { query } = readRequest(raw, { query: userListQuery });
    const input = { isActive: query.is_active, limit: query.limit, offset: query.skip };
    const { users, total } = await listUsers.invoke(context, { caller, origin, input });
    return { status: 200, body: { users: users.map(presentUser), total } };
  },

  'user.create': async ({ context, caller, origin, raw }) => {
    const { body } = readRequest(raw, { body: newUserBody });
    const input = {
      username: body.username,
      email: body.email,
      password: body.password,
      isAdmin: body.is_admin,
      perSecond: body.rate_limit_per_second,
      burst: body.rate_limit_burst,
    };
    return { status: 200, body: presentUser(await createUser.invoke(context, { caller, origin, input })) };
  },

  'user.get': async ({ context, caller, origin, raw }) => {
    const { path } = readRequest(raw, { path: userPath });
    const user = await getUser.invoke(context, { caller, origin, input: { user: path.user_id } });
    return { status: 200, body: presentUser(user) };
  },

  'user.update': async ({ context, caller, origin, raw }) => {
    const { path, body } = readRequest(raw, { path: userPath, body: userChangeBody });
    const change = {
      username: body.username,
      email: body.email,
      password: body.password,
      isAdmin: body.is_admin,
      isActive: body.is_active,
      perSecond: body.rate_limit_per_second,
      burst: body.rate_limit_burst,
    };
    const input = { user: path.user_id, change };
    return { status: 200, body: presentUser(await updateUser.invoke(context, { caller, origin, input })) };
  },

  'user.deactivate': async ({ context, caller, origin, raw }) => {
    const { path } = readRequest(raw, { path: userPath });
    await deactivateUser.invoke(context, { caller, origin, input: { user: path.user_id } });
    return { status: 200, body: { status: 'success', message: 'User deactivated' } };
  },

  'user-token.list': async ({ context, caller, origin, raw }) => {
    const { path } = readRequest(raw, { path: userPath });
    const keys = await listUserTokens.invoke(context, { caller, origin, input: { user: path.user_id } });
    return { status: 200, body: presentTokens(keys) };
  },

  'user-token.revoke': async ({ context, caller, origin, raw }) => {
    const { path } = readRequest(raw, { path: { ...userPath, token_id: id } });
    const input = { user: path.user_id, id: tokenNumber(path.token_id) };
    await revokeUserToken.invoke(context, { caller, origin, input });
    return TOKEN_REVOKED;
  },
};
