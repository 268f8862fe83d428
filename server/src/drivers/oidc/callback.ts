import type { ServerMetadata } from 'openid-client';
import { Fault } from '../../kernel/fault.ts';
import { harmlessCode } from './harmless-code.ts';

/**
 * The code in the provider's answer that a browser brought (RFC 6749 §4.1.2). Faults: `oidc.state` when it is no
 * answer to the sign-in with this `state` or comes from another issuer (RFC 9207); `oidc.refused` when the
 * provider said no; `oidc.exchange` when it holds no code.
 */
export function codeOf(callback: URL, state: string, metadata: ServerMetadata): string {
  const { searchParams: answer } = callback;
  if (!isOnly(answer, 'state', state)) {
    throw new Fault('oidc.state', 'The answer does not belong to this sign-in.');
  }
  const mustNameIssuer = metadata.authorization_response_iss_parameter_supported === true;
  if ((mustNameIssuer || answer.has('iss')) && !isOnly(answer, 'iss', metadata.issuer)) {
    throw new Fault('oidc.state', 'The answer comes from another issuer.');
  }
  const error = answer.get('error');
  if (error !== null) {
    const code = harmlessCode(error);
    throw new Fault('oidc.refused', `The sign-in provider refused: ${code}.`, { code });
  }
  const [code, ...others] = answer.getAll('code');
  if (!code || others.length > 0) {
    throw new Fault('oidc.exchange', 'The answer holds no code.', { code: 'unknown' });
  }
  return code;
}

/** A parameter that comes twice is nobody's answer. */
function isOnly(answer: URLSearchParams, name: string, expected: string): boolean {
  const values = answer.getAll(name);
  return values.length === 1 && values[0] === expected;
}
