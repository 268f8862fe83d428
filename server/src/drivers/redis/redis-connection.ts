import { Redis } from 'ioredis';
import { withDeadline } from '../../kernel/deadline.ts';
import { Fault } from '../../kernel/fault.ts';
import { parseRedisUrl } from './redis-url.ts';

const CONNECT_MS = 2_000;
/** A socket on which an answer is owed this long is given up, or a dead network would keep it for minutes. */
const SILENCE_MS = 2_000;
const DISCONNECT_MS = 200;
const MAX_BACKOFF_MS = 1_000;

export interface RedisConnection {
  readonly redis: Redis;
  /** The fault to throw for what the client threw. */
  faultOf(error: unknown): Fault;
  close(): Promise<void>;
}

/**
 * Connects, and for as long as it is not closed connects again. A command without a connection fails at once,
 * none is sent twice. Resolves when the first attempt has ended, well or not, or after 2 s; what is wrong then,
 * each command says. Faults: `config.redis-url`.
 */
export async function openRedisConnection(url: string): Promise<RedisConnection> {
  const redis = new Redis({
    ...parseRedisUrl(url),
    connectionName: 'backyard',
    disableClientInfo: true,
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy: (attempts) => Math.min(25 * 2 ** attempts, MAX_BACKOFF_MS),
    // After a failover the old primary keeps its connections, and refuses to write.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    lazyConnect: true,
  });
  // Between two attempts a command fails for want of a connection; why there is none, only the events tell.
  let lastError: Error | undefined;
  redis.on('error', (error) => {
    lastError = error;
  });
  redis.on('ready', () => {
    lastError = undefined;
  });
  // Why it failed is in `lastError`, and the client goes on trying.
  await withDeadline('Redis', CONNECT_MS, () => redis.connect()).catch(() => undefined);
  return { redis, faultOf: (error) => faultOf(lastError ?? error), close: () => close(redis) };
}

/** Only the text: the client's errors carry their command, and that of a sign-in carries the password. */
function faultOf(error: unknown): Fault {
  const text = error instanceof Error ? describe(error) : String(error);
  return new Fault('redis.unusable', `Redis cannot be used: ${text}`);
}

/** Node joins the errors of several addresses of one host in an error without a text. */
function describe(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ');
}

async function close(redis: Redis): Promise<void> {
  // Between two attempts there is no socket whose end could be waited for.
  const hasSocket = ['connecting', 'connect', 'ready'].includes(redis.status);
  const ended = new Promise<void>((resolve) => {
    if (hasSocket) redis.once('end', resolve);
    else resolve();
  });
  redis.disconnect();
  await ended;
}
