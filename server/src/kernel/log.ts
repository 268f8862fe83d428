import { type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

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
  if (!settings.pretty) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(
    options,
    pretty({ colorize: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname', destination: 2 }),
  );
}
