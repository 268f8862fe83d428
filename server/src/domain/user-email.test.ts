import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emailFault } from './user-email.ts';

describe('e-mail addresses', () => {
  test.each([
    'ada@example.org',
    'Ada.Lovelace+notes@mail.Example.co.uk',
    "o'hara_%&*=?^{|}~!#$/@example.org",
    'a@b.cd',
    `${'a'.repeat(64)}@example.org`,
    `ada@${'b'.repeat(63)}.org`,
    'ada@xn--bcher-kva.example',
    'zoë@bücher.example',
    '用户@例子.测试',
    'ada@10.0.0.1.example',
    'ada@corp.local',
  ])('%s is one', (text) => {
    expect(emailFault(text)).toBeUndefined();
  });

  test.each([
    ['', 'An email address must have an @-sign.'],
    ['ada', 'An email address must have an @-sign.'],
    ['ada@home@example.org', 'An email address must have one @-sign only.'],
    ['@example.org', 'There must be something before the @-sign.'],
    ['ada@', 'There must be something after the @-sign.'],
    ['ada@example', 'The part after the @-sign is not valid. It should have a period.'],
    ['.ada@example.org', 'An email address cannot start with a period.'],
    ['ada.@example.org', 'An email address cannot have a period immediately before the @-sign.'],
    ['a..da@example.org', 'An email address cannot have two periods in a row.'],
    ['ada@example..org', 'An email address cannot have two periods in a row.'],
    ['ada@.example.org', 'An email address cannot have a period immediately after the @-sign.'],
    ['ada@example.org.', 'An email address cannot end with a period.'],
  ])('%j is none: %s', (text, reason) => {
    expect(emailFault(text)).toBe(reason);
  });

  test.each([
    'ada lovelace@example.org',
    'ada@exam ple.org',
    'Ada <ada@example.org>',
    '"ada"@example.org',
    'ada@example.org\n',
    'ada\0@example.org',
    'ada@-example.org',
    'ada@example-.org',
    'ada@example.123',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@exa_mple.org',
    'ada,bob@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'b'.repeat(64)}.org`,
    `ada@${'b.'.repeat(130)}org`,
  ])('%j is none', (text) => {
    expect(emailFault(text)).toMatch(/^[A-Z].*\.$/);
  });

  test('what people and programs call an address is one', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        expect(emailFault(address)).toBeUndefined();
      }),
    );
  });
});
