create table backup_jobs (
  id uuid primary key,
  database_id uuid not null references resources (id) on delete cascade,
  type text not null check (type in ('backup', 'restore')),
  status text not null default 'pending' check (status in ('pending', 'in_progress', 'completed', 'failed')),
  file_size bigint not null default 0,
  error_message text,
  -- Who works on it, and until when that is believed.
  holder text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  completed_at timestamptz
);
-- One job at a time for each database: two restores would swap each other out.
create unique index backup_jobs_under_way on backup_jobs (database_id)
  where status in ('pending', 'in_progress');
create index backup_jobs_by_database on backup_jobs (database_id, created_at desc);
