/** Why a socket is closed. Source: contract orchestrator, section 4.4. */
import type { Admission } from '../operations/identity/admit.ts';
import type { CredentialEnd } from '../operations/identity/credential-state.ts';

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export const SHUTDOWN: Closing = { code: 1001, reason: 'Server is shutting down' };
export const BINARY: Closing = { code: 1003, reason: 'Text only' };
export const TOO_MANY_MESSAGES: Closing = { code: 1008, reason: 'Too many messages' };
export const FAILED: Closing = { code: 1011, reason: 'Internal server error' };
export const TOO_MANY_SOCKETS: Closing = { code: 1013, reason: 'Too many connections' };
export const TOO_SLOW: Closing = { code: 1013, reason: 'Too slow' };
export const NOT_NOW: Closing = { code: 1013, reason: 'Try again later' };

export const REFUSED: Readonly<Record<Extract<Admission, { refused: string }>['refused'], Closing>> = {
  'no-credential': { code: 4001, reason: 'No authentication token provided' },
  'bad-credential': { code: 4001, reason: 'Invalid or expired token' },
  'rate-limited': { code: 1013, reason: 'Rate limit exceeded' },
};

export const ENDED: Readonly<Record<CredentialEnd, Closing>> = {
  revoked: { code: 4001, reason: 'Credential revoked' },
  expired: { code: 4001, reason: 'Invalid or expired token' },
  disabled: { code: 4001, reason: 'User account is disabled' },
};

/** The query of the opening cannot be read. */
export function badQuery(reason: string): Closing {
  return { code: 1008, reason };
}

export function lacksScope(scope: string): Closing {
  return { code: 4003, reason: `This key lacks the scope ${scope}` };
}
