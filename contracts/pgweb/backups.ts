import { Type } from 'typebox';
import type { Route } from '../route.ts';
import { errors, Nullable, Timestamp, Uuid } from '../scalars.ts';
import { DatabaseParams, ErrorBody } from './schemas.ts';

export const BackupJob = Type.Object({
  backup_job_id: Uuid,
  database_id: Uuid,
  type: Type.Union([Type.Literal('backup'), Type.Literal('restore')]),
  status: Type.String({ description: 'pending, in_progress, completed or failed' }),
  file_size: Type.Integer({ description: 'Bytes' }),
  error_message: Type.Optional(Type.String()),
  created_at: Timestamp,
  completed_at: Type.Optional(Nullable(Timestamp)),
});

export const BackupParams = Type.Object({ database_id: Uuid, job_id: Uuid });

const Conflict = Type.Object({ error: Type.String(), job: Type.Optional(BackupJob) });
const NotYet = Type.Object({ error: Type.String(), status: Type.Optional(Type.String()) });

function both(path: string): { path: string; alsoAt: string[] } {
  return { path: `/api/databases${path}`, alsoAt: [`/databases${path}`] };
}

export const backupRoutes = [
  {
    operation: 'backup.create',
    method: 'POST',
    ...both('/{database_id}/backup'),
    access: 'owner',
    summary: 'Start a backup',
    params: DatabaseParams,
    responses: { 202: BackupJob, 409: Conflict, ...errors([400, 401, 403, 404, 500, 503], ErrorBody) },
  },
  {
    operation: 'backup.get',
    method: 'GET',
    ...both('/{database_id}/backup/{job_id}'),
    access: 'owner',
    summary: 'How far a backup is',
    params: BackupParams,
    responses: { 200: BackupJob, ...errors([400, 401, 403, 404, 500], ErrorBody) },
  },
  {
    operation: 'backup.download',
    method: 'GET',
    ...both('/{database_id}/backup/{job_id}/download'),
    access: 'owner',
    summary: 'The dump, in the custom format of pg_dump',
    params: BackupParams,
    download: 'application/octet-stream',
    responses: { 200: Type.String(), 400: NotYet, ...errors([401, 403, 404, 410, 500], ErrorBody) },
  },
  {
    operation: 'restore.create',
    method: 'POST',
    ...both('/{database_id}/restore'),
    access: 'owner',
    summary: 'Replace the content by that of a dump in the custom format',
    params: DatabaseParams,
    upload: true,
    responses: { 202: BackupJob, 409: Conflict, ...errors([400, 401, 403, 404, 413, 500, 503], ErrorBody) },
  },
  {
    operation: 'restore.get',
    method: 'GET',
    ...both('/{database_id}/restore/{job_id}'),
    access: 'owner',
    summary: 'How far a restore is',
    params: BackupParams,
    responses: { 200: BackupJob, ...errors([400, 401, 403, 404, 500], ErrorBody) },
  },
] as const satisfies readonly Route[];
