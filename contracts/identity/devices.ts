/**
 * Sign-in of programs that have no browser, by RFC 8628: the program shows a code, a person approves it in any
 * browser, the program gets a session. Polling answers carry `error` as that RFC has it.
 */
import { Type } from 'typebox';
import type { Route } from '../route.ts';
import { errors } from '../scalars.ts';
import { Login, SharedErrorBody } from './schemas.ts';

export const StartDeviceBody = Type.Object({
  client: Type.Optional(Type.String({ maxLength: 100, description: 'Shown to the person who approves' })),
});

export const StartedDevice = Type.Object({
  device_code: Type.String({ description: 'Secret of the program' }),
  user_code: Type.String({ description: 'Typed by the person: XXXX-XXXX' }),
  verification_uri: Type.String(),
  verification_uri_complete: Type.String(),
  expires_in: Type.Integer({ description: 'Seconds' }),
  interval: Type.Integer({ description: 'Seconds between two polls' }),
});

export const PollDeviceBody = Type.Object({ device_code: Type.String({ minLength: 1 }) });

const PollError = Type.Object({
  error: Type.Optional(
    Type.String({ description: 'authorization_pending, slow_down, access_denied, expired_token' }),
  ),
  message: Type.String(),
  detail: Type.Unknown(),
});

export const deviceRoutes = [
  {
    operation: 'device.start',
    method: 'POST',
    path: '/api/v1/auth/device',
    access: 'anyone',
    limit: 'login',
    summary: 'Ask for a code that a person approves in a browser',
    body: StartDeviceBody,
    responses: { 200: StartedDevice, ...errors([400, 413, 415, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'device.poll',
    method: 'POST',
    path: '/api/v1/auth/device/token',
    access: 'anyone',
    summary: 'Whether the code was approved; then the session',
    body: PollDeviceBody,
    responses: { 200: Login, 400: PollError, ...errors([413, 415, 500], SharedErrorBody) },
  },
] as const satisfies readonly Route[];
