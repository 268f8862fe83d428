import { orchestrator } from '@backyard/contracts/orchestrator';
import { VERSION } from '../../kernel/version.ts';
import { checkHealth } from '../../operations/health.ts';
import { defineSurface } from '../kit/surface.ts';
import { presentProblem } from './problems.ts';
import { tokenImplementations } from './tokens.ts';
import { userImplementations } from './users.ts';

export const orchestratorSurface = defineSurface(
  orchestrator,
  {
    'health.get': async () => ({
      status: 200,
      body: { status: 'healthy', service: 'orchestrator-api', version: VERSION },
    }),

    'health.ready': async ({ context }) => {
      const health = await checkHealth(context);
      const status = health.ready ? 'ready' : 'not_ready';
      return {
        status: health.ready ? 200 : 503,
        body: { status, database: health.database, redis: health.redis },
      };
    },

    ...tokenImplementations,
    ...userImplementations,
  },
  presentProblem,
  {
    readsItself: [
      'api-token.create',
      'api-token.revoke',
      'user.list',
      'user.create',
      'user.get',
      'user.update',
      'user.deactivate',
      'user-token.list',
      'user-token.revoke',
    ],
  },
);
