-- One row for each sign-in, whatever carries it: a browser's cookie (its digest stands here) or a bearer JWT
-- (which names the row). What a row says is looked at on each request, so that ending it ends the session.
create table sessions (
  id uuid primary key,
  user_id integer not null references users (id),
  carrier text not null check (carrier in ('cookie', 'bearer')),
  digest bytea unique check ((digest is not null) = (carrier = 'cookie')),
  -- How the person signed in: password, device, or the name of the provider after oidc:
  method text not null,
  address text,
  user_agent text,
  -- For the provider's own logout; sealed.
  id_token bytea,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_by_user on sessions (user_id, created_at desc, id);
create index sessions_by_end on sessions (least(expires_at, revoked_at));

-- The rows of sessions took over what the epoch was for.
alter table users drop column session_epoch;

-- null: whatever the user may.
alter table api_keys add column scopes text[];

-- Whom a provider knows under which name.
create table identities (
  issuer text not null,
  subject text not null,
  user_id integer not null references users (id),
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (issuer, subject)
);
create index identities_by_user on identities (user_id);

-- Browsers that were sent to a provider and are not back yet; a row is used once.
create table sign_ins (
  state_digest bytea primary key,
  -- SHA-256 of the login cookie: the browser that comes back must be the one that left.
  browser_digest bytea not null,
  provider text not null,
  -- Nonce and code verifier, sealed.
  checks bytea not null,
  return_to text,
  expires_at timestamptz not null
);
create index sign_ins_by_browser on sign_ins (browser_digest);
create index sign_ins_by_expiry on sign_ins (expires_at);

-- Programs without a browser that wait for a person to approve them (RFC 8628).
create table device_requests (
  device_digest bytea primary key,
  user_code text not null unique,
  client text not null,
  address text,
  decision text not null default 'pending' check (decision in ('pending', 'approved', 'denied')),
  user_id integer references users (id),
  polled_at timestamptz,
  expires_at timestamptz not null
);
create index device_requests_by_expiry on device_requests (expires_at);
create index device_requests_by_user on device_requests (user_id);

-- A feed resumes with what its user may see.
create index events_by_owner on events (owner_id, id);

-- Stand in for a credential when a socket is opened: used once, good for seconds.
create table tickets (
  digest bytea primary key,
  user_id integer not null references users (id),
  key_id integer references api_keys (id),
  session_id uuid references sessions (id) on delete cascade,
  expires_at timestamptz not null,
  check (num_nonnulls(key_id, session_id) <= 1)
);
create index tickets_by_expiry on tickets (expires_at);
create index tickets_by_session on tickets (session_id);
