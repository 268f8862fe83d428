export { BackupJob, BackupParams } from './backups.ts';
export { pgweb } from './routes.ts';
export * from './schemas.ts';
