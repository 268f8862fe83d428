import type { ProviderIdentity, ProviderRules } from '../../domain/sign-in-provider.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** RFC 5321 §4.5.3.1.3, less the angle brackets. */
const LONGEST_EMAIL = 254;
/** OpenID Connect Core §2. */
const LONGEST_SUBJECT = 255;
const CONTROL = /\p{Cc}/u;

/** True when the ID token leaves open what userinfo may tell: the address, and groups that a rule asks for. */
export function wantsUserInfo(claims: Claims, groupsClaim: string, rules: ProviderRules): boolean {
  const asksForGroups = rules.adminGroups !== null || rules.allowedGroups !== null;
  return emailOf(claims) === null || (asksForGroups && groupsOf(claims, groupsClaim) === null);
}

/** OpenID Connect Core §2: at most 255 ASCII characters; what is none cannot name an account. */
export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_SUBJECT && !CONTROL.test(value);
}

/** What counts is the ID token; userinfo fills its gaps. */
export function identityOf(
  idToken: {
    readonly text: string;
    readonly issuer: string;
    readonly subject: string;
    readonly claims: Claims;
  },
  userInfo: Claims,
  groupsClaim: string,
): ProviderIdentity {
  // An address and the word about it come from one place: the two places may know different addresses.
  const emailSource = emailOf(idToken.claims) === null ? userInfo : idToken.claims;
  return {
    issuer: idToken.issuer,
    subject: idToken.subject,
    email: emailOf(emailSource),
    isEmailVerified: isEmailVerifiedIn(emailSource),
    preferredUsername: textOf(idToken.claims.preferred_username) ?? textOf(userInfo.preferred_username),
    groups: groupsOf(idToken.claims, groupsClaim) ?? groupsOf(userInfo, groupsClaim),
    idToken: idToken.text,
  };
}

function emailOf(claims: Claims): string | null {
  const email = textOf(claims.email);
  return email !== null && email.length <= LONGEST_EMAIL && /^[^\s@]+@[^\s@]+$/.test(email) ? email : null;
}

/** Some providers send the word instead of the truth value; whatever is neither is no yes. */
function isEmailVerifiedIn(claims: Claims): boolean | null {
  const value = claims.email_verified;
  if (value === undefined || value === null) return null;
  return value === true || value === 'true';
}

function groupsOf(claims: Claims, name: string): readonly string[] | null {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((group) => typeof group === 'string') : null;
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'string' || CONTROL.test(value)) return null;
  const text = value.trim();
  return text === '' ? null : text;
}
