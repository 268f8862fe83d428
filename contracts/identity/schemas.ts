import { Type } from 'typebox';
import { Nullable, Timestamp, Uuid } from '../scalars.ts';

export const LoginBody = Type.Object({
  username: Type.String({ minLength: 1 }),
  password: Type.String({ minLength: 1 }),
});

export const Login = Type.Object({
  token: Type.String(),
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
});

export const CurrentUser = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  email: Type.String(),
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  rate_limit_per_second: Type.Integer(),
  rate_limit_burst: Type.Integer(),
  created_at: Timestamp,
  authenticated: Type.Boolean(),
  user: Type.Object({ id: Type.String(), email: Type.String(), username: Type.String() }),
});

/** Every error under `/api/v1`; `detail` is a list where single fields are at fault. */
export const SharedErrorBody = Type.Object({ message: Type.String(), detail: Type.Unknown() });

export const Provider = Type.Object({
  name: Type.String(),
  title: Type.String(),
  login_url: Type.String({ description: 'Where to send the browser; add `&return_to=<local path>`' }),
  status: Type.String({ description: 'ready, unavailable, or unknown before the first attempt to reach it' }),
  message: Nullable(Type.String({ description: 'Why it is unavailable' })),
});

export const SessionEntry = Type.Object({
  id: Uuid,
  kind: Type.String({ description: 'browser (a cookie) or token (a JWT)' }),
  method: Type.String({ description: 'password, device, or oidc:<provider>' }),
  address: Nullable(Type.String()),
  user_agent: Nullable(Type.String()),
  created_at: Timestamp,
  last_seen_at: Timestamp,
  expires_at: Timestamp,
  is_current: Type.Boolean(),
});

export const SessionList = Type.Object({ sessions: Type.Array(SessionEntry), total: Type.Integer() });

export const StartedSession = Type.Object({
  expires_in: Type.Integer({ description: 'Seconds' }),
  user: Type.Object({ id: Type.Integer(), username: Type.String(), is_admin: Type.Boolean() }),
});

/** Lengths are judged by the operation, in its own words. */
export const ChangePasswordBody = Type.Object({
  current_password: Type.String({ minLength: 1 }),
  new_password: Type.String({ minLength: 1 }),
});

export const Done = Type.Object({ status: Type.Literal('success'), message: Type.String() });

/** The token only where the caller showed one; a browser gets its cookie. */
export const PasswordChanged = Type.Object({
  status: Type.Literal('success'),
  message: Type.String(),
  expires_in: Type.Integer({ description: 'Seconds' }),
  token: Type.Optional(Type.String()),
});
