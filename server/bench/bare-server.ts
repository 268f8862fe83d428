/** The raw thing for reads: a bare Fastify route that answers given bytes. Prints its port. */

import { text } from 'node:stream/consumers';
import Fastify from 'fastify';

const bodies = JSON.parse(await text(process.stdin)) as Record<string, string>;
const app = Fastify();
for (const [path, body] of Object.entries(bodies)) {
  app.get(path, (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
}
const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${address}\n`);
process.on('SIGTERM', () => process.exit(0));
