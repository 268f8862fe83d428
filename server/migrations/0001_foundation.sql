-- Everything lives in schema backyard; the search path of our connections points there.

create table users (
  id integer generated always as identity primary key,
  uuid uuid not null unique default gen_random_uuid(),
  username text not null,
  email text,
  password_hash text,
  is_admin boolean not null default false,
  is_active boolean not null default true,
  rate_limit_per_second integer not null check (rate_limit_per_second > 0),
  rate_limit_burst integer not null check (rate_limit_burst > 0),
  -- A session token carries the epoch it was made in; raising it ends all of them.
  session_epoch integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_username on users (lower(username));
create unique index users_email on users (lower(email));

-- API keys (sk_live_) and API tokens (ora_): one kind of record behind two doors.
create table api_keys (
  id integer generated always as identity primary key,
  user_id integer not null references users (id),
  door text not null check (door in ('key', 'token')),
  name text not null,
  prefix text not null,
  digest bytea not null unique,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
create index api_keys_by_user on api_keys (user_id, id desc);

create table resources (
  id uuid primary key,
  kind text not null,
  -- Resources of one root are reconciled under one lease; a root is its own root.
  root_id uuid not null references resources (id) on delete cascade,
  owner_id integer references users (id),
  name text not null,
  desired text not null check (desired in ('active', 'suspended', 'absent')),
  spec jsonb not null,
  status jsonb,
  generation integer not null default 1,
  observed_generation integer not null default 0,
  -- The newest generation that was given up in favour of the fallback.
  failed_generation integer not null default 0,
  conditions jsonb not null default '[]',
  -- What to want instead when the newest change cannot be made true: {"desired", "spec"}.
  fallback jsonb,
  -- The process whose caller waits for the newest change; nobody else may see it half made.
  awaited_by text,
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index resources_root_name on resources (kind, name) where id = root_id;
create unique index resources_child_name on resources (root_id, kind, name) where id <> root_id;
create index resources_due on resources (due_at);
create index resources_by_owner on resources (owner_id, kind, created_at desc, id);
create index resources_by_root on resources (root_id, kind, created_at desc, id);

create table leases (
  root_id uuid primary key references resources (id) on delete cascade,
  token uuid,
  holder text,
  until timestamptz not null default '-infinity'
);

create table secrets (
  resource_id uuid not null references resources (id) on delete cascade,
  field text not null,
  version integer not null,
  sealed bytea not null,
  primary key (resource_id, field, version)
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_id integer,
  actor text not null,
  credential text not null,
  action text not null,
  target_kind text not null,
  target_id text,
  target_name text,
  -- The root of the target, so that an owner finds what happened to the parts.
  root_id uuid,
  outcome text not null,
  request_id text,
  address text,
  details jsonb not null default '{}'
);
create index audit_by_root on audit (root_id, id desc);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit rows are never changed or removed';
end
$$;
create trigger audit_append_only before update or delete on audit
  for each row execute function audit_is_append_only();
create trigger audit_not_truncated before truncate on audit
  for each statement execute function audit_is_append_only();

-- The outbox: ids grow, so that a feed resumes where it left off.
create table events (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  name text not null,
  resource_id uuid not null,
  root_id uuid not null,
  owner_id integer,
  payload jsonb not null default '{}'
);
create index events_by_resource on events (resource_id, id desc);
