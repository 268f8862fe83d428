import { createHmac, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import { RestFault } from '../fault.ts';

export const secret = 'a secret of more than thirty-two characters';
/** Settings that a test changes in part. */
export const base = {
  dbAnonRole: 'web_anon',
  jwtAud: null,
  jwtCacheMaxEntries: 10,
  jwtRoleClaimKey: '.role',
  jwtSecret: { text: secret, isBase64: false },
} as const;

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed by hand, so that the tests do not depend on the library that they test. */
export function hs256(claims: unknown, { key = secret as string | Buffer, header = {} } = {}): string {
  const body = typeof claims === 'string' ? Buffer.from(claims).toString('base64url') : encode(claims);
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${body}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

export async function sign(alg: string, key: KeyObject, kid?: string): Promise<string> {
  const header = kid === undefined ? { alg } : { alg, kid };
  return new CompactSign(Buffer.from('{"role":"web_user"}')).setProtectedHeader(header).sign(key);
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export async function faultOf(promise: Promise<unknown>): Promise<RestFault> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RestFault)) {
    throw new Error('A RestFault was expected', { cause: error });
  }
  return error;
}
