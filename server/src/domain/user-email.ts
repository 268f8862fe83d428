/**
 * What counts as an e-mail address: the form that mail servers on the internet take (RFC 5321, with the letters of
 * RFC 6531), without quotes, comments, and bare host names. Whether it can be delivered is not asked.
 */
import { LONGEST_EMAIL } from './user.ts';

const LONGEST_LOCAL = 64;
const LONGEST_LABEL = 63;
const LOCAL_CHARACTERS = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]*$/u;
const DOMAIN_CHARACTERS = /^[\p{L}\p{M}\p{N}.-]*$/u;

/** Why the text is no e-mail address, as a sentence; `undefined` when it is one. */
export function emailFault(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  if (at === -1) return 'An email address must have an @-sign.';
  if (text.indexOf('@') !== at) return 'An email address must have one @-sign only.';
  if ([...text].length > LONGEST_EMAIL) return 'The email address is too long.';
  return localFault(text.slice(0, at)) ?? domainFault(text.slice(at + 1));
}

function localFault(local: string): string | undefined {
  if (local === '') return 'There must be something before the @-sign.';
  if ([...local].length > LONGEST_LOCAL) return 'The email address is too long before the @-sign.';
  if (!LOCAL_CHARACTERS.test(local)) {
    return 'The email address contains invalid characters before the @-sign.';
  }
  if (local.startsWith('.')) return 'An email address cannot start with a period.';
  if (local.endsWith('.')) return 'An email address cannot have a period immediately before the @-sign.';
  return twoPeriods(local);
}

function domainFault(domain: string): string | undefined {
  if (domain === '') return 'There must be something after the @-sign.';
  if (!DOMAIN_CHARACTERS.test(domain)) return 'The part after the @-sign contains invalid characters.';
  if (domain.startsWith('.')) return 'An email address cannot have a period immediately after the @-sign.';
  if (domain.endsWith('.')) return 'An email address cannot end with a period.';
  const labels = domain.split('.');
  if (labels.some((label) => label.startsWith('-') || label.endsWith('-'))) {
    return 'Between the periods after the @-sign nothing can start or end with a hyphen.';
  }
  if (labels.some((label) => [...label].length > LONGEST_LABEL)) {
    return 'After the @-sign, periods cannot be separated by so many characters.';
  }
  if (labels.length < 2) return 'The part after the @-sign is not valid. It should have a period.';
  if (!/\p{L}\p{M}*$/u.test(domain)) {
    return 'The part after the @-sign is not valid. It is not within a valid top-level domain.';
  }
  return twoPeriods(domain);
}

function twoPeriods(part: string): string | undefined {
  return part.includes('..') ? 'An email address cannot have two periods in a row.' : undefined;
}
