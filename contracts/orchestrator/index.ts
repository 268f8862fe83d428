import { defineContract } from '../route.ts';
import { healthRoutes } from './health.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

export * from './schemas.ts';

export const orchestrator = defineContract({
  name: 'orchestrator',
  title: 'API tokens, users and health',
  prefixes: ['/health'],
  routes: [...healthRoutes, ...tokenRoutes, ...userRoutes],
});
