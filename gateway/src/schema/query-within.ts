import type pg from 'pg';

/**
 * Runs statements without parameters in one message and answers one result for each. Rejects after the deadline too,
 * with the connection then still busy: who owns it must close it.
 */
export async function queryWithin(
  client: pg.ClientBase,
  timeoutMs: number,
  text: string,
): Promise<pg.QueryResult[]> {
  // The types of pg know neither the deadline of one query nor the list that several statements answer.
  const config: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: timeoutMs };
  const answer: unknown = await client.query(config);
  return (Array.isArray(answer) ? answer : [answer]) as pg.QueryResult[];
}
