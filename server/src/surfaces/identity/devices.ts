import type { identity } from '@backyard/contracts/identity';
import { type DevicePollOutcome, pollDeviceRequest } from '../../operations/device/poll.ts';
import { DEVICE_REQUEST_MS, POLL_INTERVAL_MS, startDeviceRequest } from '../../operations/device/start.ts';
import type { Implementations } from '../kit/surface.ts';
import { presentLogin } from './present-login.ts';

type Unfinished = Exclude<DevicePollOutcome['state'], 'approved'>;

/** RFC 8628, 3.5. */
const POLL_ERRORS: Readonly<Record<Unfinished, readonly [error: string, text: string]>> = {
  pending: ['authorization_pending', 'Nobody has approved the code yet'],
  early: ['slow_down', 'Asked again too soon; wait longer between two requests'],
  denied: ['access_denied', 'The sign-in was denied'],
  gone: ['expired_token', 'The code is unknown, has expired, or was used before'],
};

export const deviceImplementations: Pick<Implementations<typeof identity>, 'device.start' | 'device.poll'> = {
  'device.start': async ({ context, origin, body, browser }) => {
    const { deviceCode, userCode } = await startDeviceRequest(context, origin, { client: body.client });
    const page = new URL('/device', browser.url.origin).href;
    return {
      status: 200,
      body: {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?code=${userCode}`,
        expires_in: DEVICE_REQUEST_MS / 1000,
        interval: POLL_INTERVAL_MS / 1000,
      },
      headers: { 'cache-control': 'no-store' },
    };
  },

  'device.poll': async ({ context, origin, body }) => {
    const outcome = await pollDeviceRequest(context, origin, { deviceCode: body.device_code });
    if (outcome.state === 'approved') return presentLogin(outcome.session);
    const [error, text] = POLL_ERRORS[outcome.state];
    return {
      status: 400,
      body: { error, message: text, detail: text },
      headers: { 'cache-control': 'no-store' },
    };
  },
};
