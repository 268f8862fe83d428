export { pgweb } from './routes.ts';
export * from './schemas.ts';
