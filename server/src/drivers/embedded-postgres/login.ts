import pg from 'pg';
import { Fault } from '../../kernel/fault.ts';
import { poll } from './poll.ts';

export type LoginAnswer =
  | 'ready'
  /** It says that it is starting up or recovering: patience. */
  | 'starting'
  /** It is shutting down, or nothing answers. */
  | 'silent';

const ATTEMPT_TIMEOUT_MS = 2_000;

/**
 * One real login and query.
 * Fault `config.postgres-password` when it refuses our password: no waiting helps then.
 */
export async function tryLogin(dsn: string): Promise<LoginAnswer> {
  const client = new pg.Client({
    connectionString: dsn,
    connectionTimeoutMillis: ATTEMPT_TIMEOUT_MS,
    query_timeout: ATTEMPT_TIMEOUT_MS,
    application_name: 'backyard-ready-check',
  });
  client.on('error', () => {
    // The same error also rejects connect() or query(), where it is answered.
  });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return 'ready';
  } catch (error) {
    return answerOf(error);
  } finally {
    await endWithin(client, ATTEMPT_TIMEOUT_MS);
  }
}

/**
 * Tries until a login works, it has been silent for `silentForMs`, or `isAlive` says no.
 * A database that says that it is starting up, as after a crash, is waited for without an end.
 */
export async function waitForLogin(
  dsn: string,
  options: {
    silentForMs: number;
    isAlive: () => boolean;
    onStarting: () => void;
    signal?: AbortSignal | undefined;
  },
): Promise<'ready' | 'silent' | 'gone'> {
  let silentSinceMs = performance.now();
  let answer: 'ready' | 'silent' | 'gone' = 'silent';
  const settled = async (): Promise<boolean> => {
    const login = await tryLogin(dsn);
    if (login === 'starting') {
      silentSinceMs = performance.now();
      options.onStarting();
    }
    if (login === 'ready') answer = 'ready';
    else if (!options.isAlive()) answer = 'gone';
    return answer !== 'silent' || performance.now() - silentSinceMs > options.silentForMs;
  };
  await poll(settled, { timeoutMs: Number.POSITIVE_INFINITY, signal: options.signal });
  return answer;
}

function answerOf(error: unknown): LoginAnswer {
  if (!(error instanceof pg.DatabaseError)) return 'silent';
  const { code = '', message } = error;
  if (code === '28P01' || code === '28000') {
    throw new Fault(
      'config.postgres-password',
      'The embedded Postgres refuses the login kept in postgres.json. If the password of its superuser was ' +
        'changed by hand, write the new one there.',
    );
  }
  // The texts of 57P03 are English: we start Postgres in the C locale.
  if (code === '57P03' && !message.includes('shutting down')) return 'starting';
  // Any other refusal but a shutdown, such as too many clients, comes from a living Postgres.
  return code.startsWith('57P0') ? 'silent' : 'ready';
}

/** pg waits for the other side to close; a stopped process never does. */
async function endWithin(client: pg.Client, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), timeoutMs);
  try {
    await client.end();
  } finally {
    clearTimeout(timer);
  }
}
