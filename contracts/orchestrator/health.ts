import { Type } from 'typebox';
import type { Route } from '../route.ts';
import { Readiness } from './schemas.ts';

export const healthRoutes = [
  {
    operation: 'health.get',
    method: 'GET',
    path: '/health',
    access: 'anyone',
    summary: 'The process answers',
    responses: {
      200: Type.Object({
        status: Type.Literal('healthy'),
        service: Type.Literal('orchestrator-api'),
        version: Type.String(),
      }),
    },
  },
  {
    operation: 'health.ready',
    method: 'GET',
    path: '/health/ready',
    access: 'anyone',
    summary: 'What it depends on answers too',
    responses: { 200: Readiness, 503: Readiness },
  },
] as const satisfies readonly Route[];
