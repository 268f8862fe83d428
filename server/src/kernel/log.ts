import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

const BUFFER_LENGTH = 4_096;
const FLUSH_MS = 100;

export interface LogSettings {
  readonly level: string;
  /** Coloured lines for people instead of JSON for programs. */
  readonly pretty: boolean;
}

/** The process's log, on standard error: standard output belongs to what people asked for. */
export function createLog(settings: LogSettings): Log {
  const options = {
    level: settings.level,
    base: null,
    redact: { paths: ['req.headers', 'password', '*.password', 'token', '*.token'], censor: '**********' },
    serializers: { err: stdSerializers.err },
  };
  if (!settings.pretty) return pino(options, buffered());
  return pino(
    options,
    pretty({ colorize: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname', destination: 2 }),
  );
}

/** Many lines a write: at thousands of requests a second, a write for each would cost more than the answer. */
function buffered(): DestinationStream {
  const destination = pino.destination({ fd: 2, sync: false, minLength: BUFFER_LENGTH });
  setInterval(() => destination.flush(), FLUSH_MS).unref();
  process.on('exit', () => destination.flushSync());
  return destination;
}
