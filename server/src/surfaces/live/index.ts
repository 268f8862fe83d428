import { live } from '@backyard/contracts/live';
import { createTicket } from '../../operations/ticket/create.ts';
import { apiV1Answer, presentApiV1Problem } from '../kit/api-v1-problems.ts';
import { defineSurface } from '../kit/surface.ts';

/** To whoever asks for a socket without upgrading to one (RFC 9110, section 15.5.22; RFC 6455, section 4.4). */
const UPGRADE = { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' };

export const liveSurface = defineSurface(
  live,
  {
    'ticket.create': async ({ context, caller, origin }) => {
      const { ticket, expiresInSeconds } = await createTicket.invoke(context, {
        caller,
        origin,
        input: undefined,
      });
      return {
        status: 200,
        body: { ticket, expires_in: expiresInSeconds },
        headers: { 'cache-control': 'no-store' },
      };
    },

    'event.watch': async () => apiV1Answer(426, 'Upgrade Required', undefined, UPGRADE),
  },
  presentApiV1Problem,
  // A query is only read by the feed.
  { readsItself: ['event.watch'] },
);
