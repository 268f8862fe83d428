/** One pool of superuser connections to one database of the managed cluster. */
import { DatabaseError, type Pool, type PoolClient, type QueryResultRow } from 'pg';
import { Fault } from '../../kernel/fault.ts';

const CONNECT_FAULTS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  '3D000': ['database.vanished', 'The database does not exist in the cluster.'],
  '55000': ['database.closed', 'The database does not accept connections.'],
};

/** A failed connect, classified. Keeps the reason's code only: texts of drivers may carry addresses. */
function connectFault(error: unknown): Fault {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no answer in time';
  const [code, message] = CONNECT_FAULTS[reason] ?? [
    'cluster.unreachable',
    `The managed Postgres cluster cannot be reached (${reason}).`,
  ];
  return new Fault(code, message, { reason }, error);
}

/** The SQLSTATE of an error that the server sent, else undefined. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

export class ClusterSession {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * Runs one statement with parameters and gives its rows. With a `name` it is prepared once for each
   * connection: for large statements the plan costs more than the answer.
   */
  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    signal: AbortSignal,
    name?: string,
  ): Promise<Row[]> {
    const query = { text, values: [...values], ...(name !== undefined && { name }) };
    return this.#run(async (client) => (await client.query<Row>(query)).rows, signal);
  }

  /**
   * Sends statements as one message, which the server runs as one transaction: all or nothing, in one
   * round trip. A single statement runs outside any transaction block, as CREATE DATABASE demands.
   */
  async batch(statements: readonly string[], signal: AbortSignal): Promise<void> {
    if (statements.length === 0) return;
    await this.#run((client) => client.query(statements.join(';\n')), signal);
  }

  async #run<T>(work: (client: PoolClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const client = await this.#connect();
    let released = false;
    // Releasing a busy client destroys its socket, so the caller gets its answer at once. The server may
    // still finish the statement, which is why every step bears being repeated.
    const abandon = (): void => {
      released = true;
      client.release(true);
    };
    signal.addEventListener('abort', abandon, { once: true });
    try {
      signal.throwIfAborted();
      return await work(client);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abandon);
      if (!released) client.release();
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw connectFault(error);
    }
  }
}
