/** What a client is told when the database cannot be reached. Who and where the database is stays untold. */
import pg from 'pg';
import { RestFault } from '../fault.ts';

const SECONDS_TO_RETRY = 1;
const RETRY = { 'Retry-After': String(SECONDS_TO_RETRY) };

/** No connection of the pool came free in time. */
export function acquisitionTimeout(): RestFault {
  return new RestFault(504, 'PGRST003', 'Timed out acquiring connection from connection pool.');
}

/** More requests wait than the tenant may have. */
export function tooManyWaiting(): RestFault {
  return new RestFault(503, 'PGRST003', 'Too many requests are waiting for a connection.', {
    headers: RETRY,
  });
}

export function cannotConnect(cause: unknown): RestFault {
  return new RestFault(503, 'PGRST000', 'Database connection error. Retrying the connection.', {
    details: describeConnectFailure(cause),
    headers: RETRY,
  });
}

export function connectionLost(): RestFault {
  return new RestFault(503, 'PGRST001', 'Database client error. Retrying the connection.', {
    details: 'The connection to the database was lost',
    headers: RETRY,
  });
}

export function noSchemaCache(): RestFault {
  return new RestFault(503, 'PGRST002', 'Could not query the database for the schema cache. Retrying.', {
    headers: RETRY,
  });
}

/** The server ends sessions, or starts: a SQLSTATE of class 57P, or of a connection exception. */
export function isShutdown(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(?:57P0[1-5]|08)/.test(error.code ?? '');
}

/**
 * Turns what a statement died of into what a client is told: a lost connection and a server that goes down are 503
 * with `Retry-After`; an error of the statement itself, and a fault of ours, are given back as they are.
 */
export function presentRunFailure(error: unknown, isConnectionAlive: boolean): unknown {
  if (error instanceof RestFault) return error;
  if (isShutdown(error)) {
    return new RestFault(503, error.code ?? 'PGRST001', error.message, { headers: RETRY });
  }
  return isConnectionAlive || error instanceof pg.DatabaseError ? error : connectionLost();
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused',
  ECONNRESET: 'The connection was reset',
  ENOTFOUND: 'The host was not found',
  EAI_AGAIN: 'The host was not found',
  ETIMEDOUT: 'The connection timed out',
  ENOENT: 'The socket does not exist',
  '28P01': 'The login failed',
  '28000': 'The login failed',
  '3D000': 'The database does not exist',
  '53300': 'The server has no connection left',
  '57P01': 'The server is shutting down',
  '57P02': 'The server is recovering',
  '57P03': 'The server is starting up or shutting down',
};

function describeConnectFailure(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? 'The connection could not be made';
}
