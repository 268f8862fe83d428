import { Type } from 'typebox';
import { Nullable, Timestamp } from '../scalars.ts';

export const User = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  email: Type.String({ description: 'Empty when there is none' }),
  is_active: Type.Boolean(),
  is_admin: Type.Boolean(),
  rate_limit_per_second: Type.Integer(),
  rate_limit_burst: Type.Integer(),
  created_at: Timestamp,
  updated_at: Timestamp,
});

export const UserList = Type.Object({
  users: Type.Array(User),
  total: Type.Integer({ description: 'All that match, on every page' }),
});

const Username = Type.String({ minLength: 3, maxLength: 50, description: 'Unique without regard to case' });
const Email = Type.String({ format: 'email', maxLength: 255, description: 'Unique without regard to case' });
const Password = Type.String({ minLength: 8, maxLength: 1024 });
const PerSecond = Nullable(
  Type.Integer({ minimum: 1, maximum: 10_000, description: 'null: the default of the role' }),
);
const Burst = Nullable(
  Type.Integer({ minimum: 1, maximum: 100_000, description: 'null: the default of the role' }),
);

export const CreateUserBody = Type.Object({
  username: Username,
  email: Email,
  password: Password,
  is_admin: Type.Optional(Type.Boolean({ default: false })),
  rate_limit_per_second: Type.Optional(PerSecond),
  rate_limit_burst: Type.Optional(Burst),
});

export const UpdateUserBody = Type.Object(
  {
    username: Type.Optional(Nullable(Username)),
    email: Type.Optional(Nullable(Email)),
    password: Type.Optional(Nullable(Password)),
    is_admin: Type.Optional(Nullable(Type.Boolean())),
    is_active: Type.Optional(Nullable(Type.Boolean())),
    rate_limit_per_second: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 10_000 }))),
    rate_limit_burst: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 100_000 }))),
  },
  { description: 'A field that is absent or null stays as it is' },
);

export const UserQuery = Type.Object({
  skip: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  is_active: Type.Optional(Type.Boolean()),
});

export const UserParams = Type.Object({
  user_id: Type.String({ description: 'The integer id, or the UUID' }),
});

const Scopes = Nullable(
  Type.Array(Type.String(), { description: 'What it may be used for; null: everything that its user may' }),
);

export const Token = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  expires_at: Nullable(Timestamp),
  is_revoked: Type.Boolean(),
  last_used_at: Nullable(Timestamp),
  created_at: Timestamp,
  prefix: Type.String(),
  scopes: Scopes,
});

export const TokenList = Type.Object({ tokens: Type.Array(Token), total: Type.Integer() });

export const CreatedToken = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  token: Type.String({ description: 'Shown once' }),
  expires_at: Nullable(Timestamp),
  created_at: Timestamp,
  scopes: Scopes,
});

export const CreateTokenBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  expires_at: Type.Optional(
    Type.Union([Type.String(), Type.Integer(), Type.Null()], {
      description: 'RFC 3339, or Unix seconds; null: never',
    }),
  ),
  scopes: Type.Optional(Scopes),
});

export const TokenRevoked = Type.Object({
  status: Type.Literal('success'),
  message: Type.Literal('Token revoked'),
});

const Component = Type.String({ description: 'healthy, unhealthy or not_configured' });

export const Readiness = Type.Object({
  status: Type.String({ description: 'ready or not_ready' }),
  database: Component,
  redis: Component,
});
