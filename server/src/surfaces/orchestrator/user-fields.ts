/** The fields of users. Source: contract orchestrator, section 3. */
import {
  BURST_RANGE,
  isUsername,
  LONGEST_EMAIL,
  PASSWORD_LENGTH,
  RATE_RANGE,
  USERNAME_LENGTH,
} from '../../domain/user.ts';
import { emailFault } from '../../domain/user-email.ts';
import { boolean, checked, type Field, integer, nullable, optional, text, valueError } from './field.ts';
import { id } from './id-field.ts';

const username = checked(text(USERNAME_LENGTH), (value) =>
  isUsername(value) ? undefined : valueError('username must not contain control characters'),
);

const email: Field<string> = trimmed(
  checked(text({ min: 0, max: LONGEST_EMAIL }), (value) => {
    const reason = emailFault(value);
    if (reason === undefined) return undefined;
    return { type: 'value_error', msg: `value is not a valid email address: ${reason}`, ctx: { reason } };
  }),
);

/** People paste addresses with the blanks around them. */
function trimmed<T>({ parse }: Field<T>): Field<T> {
  return { parse: (given) => parse(typeof given === 'string' ? given.trim() : given) };
}

const password = text(PASSWORD_LENGTH);
const perSecond = nullable(rate(RATE_RANGE));
const burst = nullable(rate(BURST_RANGE));

function rate({ min, max }: { readonly min: number; readonly max: number }): Field<number> {
  return integer({ min: BigInt(min), max: BigInt(max) });
}

export const userPath = { user_id: id };

export const userListQuery = {
  skip: optional(integer({ min: 0n }), 0),
  limit: optional(integer({ min: 1n, max: 100n }), 50),
  is_active: optional(boolean, null),
};

export const newUserBody = {
  username,
  email,
  password,
  is_admin: optional(boolean, false),
  rate_limit_per_second: perSecond,
  rate_limit_burst: burst,
};

export const userChangeBody = {
  username: nullable(username),
  email: nullable(email),
  password: nullable(password),
  is_admin: nullable(boolean),
  is_active: nullable(boolean),
  rate_limit_per_second: perSecond,
  rate_limit_burst: burst,
};
