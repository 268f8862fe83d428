import { Fault } from '../../kernel/fault.ts';

/**
 * What an error of `authorizationCodeGrant` means. Of the error only a constant text of the library goes with it:
 * its causes hold claims, keys and whole answers, and a fault's cause is logged.
 */
export function tokenFault(error: unknown, title: string): Fault {
  const known = knownFault(error);
  if (known) return known;
  if (isAboutNonce(error)) {
    return new Fault('oidc.nonce', `The ID token of "${title}" belongs to another sign-in.`);
  }
  return new Fault('oidc.id-token-invalid', `The ID token of "${title}" does not hold: ${reasonOf(error)}.`);
}

/** What an error of `fetchUserInfo` means: above all, that it speaks of another subject. */
export function userInfoFault(error: unknown, title: string): Fault {
  const fault = new Fault(
    'oidc.id-token-invalid',
    `Userinfo of "${title}" does not hold: ${reasonOf(error)}.`,
  );
  return knownFault(error) ?? fault;
}

/** The library wraps what our own way to the provider throws. */
export function knownFault(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  return error instanceof Error && error.cause instanceof Fault ? error.cause : undefined;
}

/** The library's own error, which stands behind the one it throws. */
function operationError(error: unknown): Error | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause : undefined;
}

function isAboutNonce(error: unknown): boolean {
  const detail = operationError(error)?.cause;
  if (typeof detail !== 'object' || detail === null) return false;
  if ('claim' in detail) return detail.claim === 'nonce';
  // An ID token that lacks a claim: the library tells which one in its text only.
  const claims = 'claims' in detail ? detail.claims : undefined;
  return typeof claims === 'object' && claims !== null && !('nonce' in claims);
}

function reasonOf(error: unknown): string {
  const inner = operationError(error);
  if (inner && /^(?:OperationProcessing|UnsupportedOperation)Error$/.test(inner.name)) return inner.message;
  return error instanceof Error && error.name === 'ClientError' ? error.message : 'it cannot be read';
}
