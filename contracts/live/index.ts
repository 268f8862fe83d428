/** Feeds that are pushed over a WebSocket, and the tickets that open one. Backyard's own routes. */
import { Type } from 'typebox';
import { SharedErrorBody } from '../identity/schemas.ts';
import { defineContract } from '../route.ts';
import { errors } from '../scalars.ts';
import { EventFeedMessage } from './messages.ts';

export * from './messages.ts';

const SOCKET = `The credential is the first of these that is there: the subprotocol
\`authorization.bearer.<token>\` (selected and echoed), \`?ticket=\`, \`?token=\`, the \`Authorization\` header, the
session cookie of a page of our own. The upgrade is always accepted; what is wrong is said by closing:

| code | reason |
|---|---|
| 1001 | \`Server is shutting down\` |
| 1003, 1007, 1009 | a binary frame, text that is no UTF-8, more than 4 KiB |
| 1008 | \`Too many messages\` (more than 20 in a second), or a query that cannot be read |
| 1011 | \`Internal server error\` |
| 1013 | \`Rate limit exceeded\`, \`Too many connections\`, \`Too slow\` (more than 1 MiB unsent), \`Try again later\` |
| 4001 | \`No authentication token provided\`, \`Invalid or expired token\`, \`Credential revoked\`, \`User account is disabled\` |
| 4003 | the scope that the key lacks |

\`ping\` is answered with the text \`pong\`, other text with an \`echo\`. Whoever answers no protocol ping for 60 s is cut.`;

const EVENTS = `First comes \`{"type": "hello", "last_event_id": n}\`, then for each event of a resource that the caller may see
\`{"type": "event", "id", "at", "name", "resource_id", "root_id", "payload"}\`, in the order of their ids, each once. With
\`after\`, the ones since then come first; \`{"type": "reset"}\` instead of them says that they are too many, or that the id is
of another database: read the state anew. An \`echo\` is \`{"type": "echo", "message"}\`.

${SOCKET}`;

export const live = defineContract({
  name: 'live',
  title: 'Live feeds',
  prefixes: ['/api/v1/ws'],
  routes: [
    {
      operation: 'ticket.create',
      method: 'POST',
      path: '/api/v1/ws/tickets',
      access: 'user',
      summary: 'A ticket that opens one socket, for clients that cannot send headers',
      responses: {
        200: Type.Object({
          ticket: Type.String({ description: 'Good once; may do what the credential that made it may do' }),
          expires_in: Type.Integer({ description: 'Seconds' }),
        }),
        ...errors([400, 401, 403, 413, 415, 429, 500], SharedErrorBody),
      },
    },
    {
      operation: 'event.watch',
      method: 'GET',
      path: '/api/v1/ws/events',
      // For a plain request, which is told to upgrade. A socket asks for a credential.
      access: 'anyone',
      summary: 'A WebSocket that tells what happens to the resources that the caller may see',
      socket: EVENTS,
      query: Type.Object({
        ticket: Type.Optional(Type.String()),
        token: Type.Optional(Type.String()),
        after: Type.Optional(
          Type.String({
            pattern: '^[0-9]{1,15}$',
            description: 'Resume: first what happened after the event with this id, at most 1000 events',
          }),
        ),
      }),
      responses: { 101: EventFeedMessage, ...errors([426, 500], SharedErrorBody) },
    },
  ],
});
