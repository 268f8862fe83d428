import { scramVerifier } from '../../kernel/scram.ts';
import { randomText } from '../../kernel/token.ts';

/** 64 letters: 6 bits each, so 32 of them carry 192 bits. Source: pgweb contract, 4.4. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 32;

export interface Password {
  readonly plain: string;
  /** All that Postgres, and our own rows, ever get to see. */
  readonly verifier: string;
}

export async function newPassword(): Promise<Password> {
  const plain = randomText(LENGTH, ALPHABET);
  return { plain, verifier: await scramVerifier(plain) };
}
