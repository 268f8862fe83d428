import { randomText } from '../../kernel/token.ts';

/** No vowels, so that no words come up, and no digits: nothing looks like something else (RFC 8628, 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const CODE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);
/** People put a dash of any kind, or blanks, wherever they like. */
const SEPARATORS = /[\s\p{Pd}\p{Cf}_.]+/gu;

/** A new code as it is stored: about 34 bits, for ten minutes and a bounded number of guesses. */
export function newUserCode(): string {
  return randomText(LENGTH, ALPHABET);
}

/** The code that a person means, as it is stored; `undefined` when the text cannot be one. */
export function parseUserCode(text: string): string | undefined {
  const code = text.replaceAll(SEPARATORS, '').toUpperCase();
  return CODE.test(code) ? code : undefined;
}

/** As people read it: `XXXX-XXXX`. */
export function presentUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}
