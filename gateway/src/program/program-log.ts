/** The program's log: JSON lines on standard error. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, pino, stdSerializers } from 'pino';
import type { ServerSettings } from '../config/settings.ts';

type Level = ServerSettings['logLevel'];

const PINO_LEVELS: Readonly<Record<Level, string>> = {
  crit: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
};

export interface ProgramLog {
  /** By `log-level`. */
  readonly log: Logger;
  /** Start, stop and reloads, which every level shows. */
  readonly notices: Logger;
}

export function createProgramLog(level: Level): ProgramLog {
  const options = { base: null, serializers: { err: stdSerializers.err } };
  const destination = pino.destination({ fd: 2, sync: true });
  return {
    log: pino({ ...options, level: PINO_LEVELS[level] }, destination),
    notices: pino({ ...options, level: 'info' }, destination),
  };
}

/** As PostgREST: 5xx from `error` on, 4xx from `warn` on, all from `info` on. The query is left out: it holds values. */
export function logRequest(
  log: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  durationMs: number,
): void {
  const fields = {
    method: request.method,
    path: (request.url ?? '').split('?')[0],
    status: response.statusCode,
    durationMs: Math.round(durationMs * 10) / 10,
  };
  if (response.statusCode >= 500) log.error(fields, 'request');
  else if (response.statusCode >= 400) log.warn(fields, 'request');
  else log.info(fields, 'request');
}
