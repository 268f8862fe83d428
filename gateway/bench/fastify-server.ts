/** What somebody would write by hand: one route, one statement, no transaction. */
import Fastify from 'fastify';
import pg from 'pg';
import { receive } from './child.ts';

interface Query {
  readonly text: string;
  readonly values: unknown[];
}

/** `queries` are those that the gateway sends for the same paths, so that only what surrounds them differs. */
const { dsn, queries } = await receive<{ dsn: string; queries: Readonly<Record<string, Query>> }>();
const pool = new pg.Pool({ connectionString: dsn.replace('authenticator:bench', 'reader:bench'), max: 10 });
const app = Fastify();

app.get<{ Params: { name: string } }>('/plain/:name', async (request, reply) => {
  const query = getQuery(request.params.name);
  const { rows } = await pool.query(query.text, query.values);
  return reply.type('application/json; charset=utf-8').send(rows[0].body);
});

app.get<{ Params: { name: string } }>('/prepared/:name', async (request, reply) => {
  const { name } = request.params;
  const { rows } = await pool.query({ name, ...getQuery(name) });
  return reply.type('application/json; charset=utf-8').send(rows[0].body);
});

function getQuery(name: string): Query {
  const query = queries[name];
  if (query === undefined) throw new Error('no such query');
  return query;
}

app.get('/rows/one', async () => {
  const text = 'SELECT * FROM api.items WHERE id = $1';
  return (await pool.query({ name: 'one-row', text, values: [4711] })).rows;
});

app.get('/rows/many', async () => {
  const text = 'SELECT * FROM api.items LIMIT $1';
  return (await pool.query({ name: 'many-rows', text, values: [1_000] })).rows;
});

await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.(app.server.address());
