/** Which account a person gets whom a provider vouches for: contract pgweb, section 4.2. */
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { ProviderIdentity, ProviderRules, SignInProvider } from '../../src/domain/sign-in-provider.ts';
import { settleAccount } from '../../src/operations/sign-in/account.ts';
import { localPath } from '../../src/operations/sign-in/begin.ts';
import { updateUser } from '../../src/operations/user/update.ts';
import { findUser, setUserActive } from '../../src/store/users.ts';
import { newName, rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();
const OPEN: ProviderRules = { trustsEmail: false, adminGroups: null, allowedGroups: null };

function providerWith(rules: Partial<ProviderRules> = {}): SignInProvider {
  // Only its name and its rules matter once it has vouched for somebody.
  return {
    name: 'sso',
    title: 'SSO',
    issuer: 'https://id.example.org',
    rules: { ...OPEN, ...rules },
  } as SignInProvider;
}

function person(fields: Partial<ProviderIdentity> = {}): ProviderIdentity {
  return {
    issuer: 'https://id.example.org',
    subject: newName('subject'),
    email: null,
    isEmailVerified: null,
    preferredUsername: null,
    groups: null,
    idToken: 'an id token',
    ...fields,
  };
}

const settle = (identity: ProviderIdentity, rules: Partial<ProviderRules> = {}) =>
  settleAccount(suite.context, providerWith(rules), identity);

describe('the account of a person', () => {
  test('is made at the first sign-in and found at the next', async () => {
    const email = `${newName('ada')}@example.org`;
    const ada = person({ email, isEmailVerified: true, preferredUsername: newName('ada') });
    const first = await settle(ada);
    expect(first).toMatchObject({
      email,
      username: ada.preferredUsername,
      is_admin: false,
      password_hash: null,
    });
    expect((await settle({ ...ada, email: null })).id).toBe(first.id);
  });

  test('is the one with the verified address, unless that has another identity of this issuer', async () => {
    const known = await suite.newCaller({ email: `${newName('bob')}@example.org` });
    const bob = person({ email: known.email?.toUpperCase() ?? '', isEmailVerified: true });
    expect((await settle(bob)).id).toBe(known.userId);
    const other = await settle(person({ email: known.email, isEmailVerified: true }));
    expect(other.id).not.toBe(known.userId);
    expect(other.email).toBeNull();
    const elsewhere = person({
      issuer: 'https://other.example.org',
      email: known.email,
      isEmailVerified: true,
    });
    expect((await settle(elsewhere)).id).toBe(known.userId);
  });

  test('is never linked by an address that nobody verified, and does not get it', async () => {
    const known = await suite.newCaller({ email: `${newName('eve')}@example.org` });
    for (const isEmailVerified of [false, null]) {
      const user = await settle(person({ email: known.email, isEmailVerified }));
      expect([user.id === known.userId, user.email]).toEqual([false, null]);
    }
    // Trusting an absent claim is not trusting one that says no.
    const trusted = await settle(person({ email: known.email }), { trustsEmail: true });
    expect(trusted.id).toBe(known.userId);
    const refused = await settle(person({ email: known.email, isEmailVerified: false }), {
      trustsEmail: true,
    });
    expect(refused.id).not.toBe(known.userId);
  });

  test('takes over a new verified address when it is free, and keeps the old one otherwise', async () => {
    const [before, after, taken] = ['before', 'after', 'taken'].map((stem) => `${newName(stem)}@example.org`);
    await suite.newCaller({ email: taken ?? null });
    const ada = person({ email: before ?? null, isEmailVerified: true });
    await settle(ada);
    expect((await settle({ ...ada, email: taken ?? null })).email).toBe(before);
    expect((await settle({ ...ada, email: after ?? null, isEmailVerified: false })).email).toBe(before);
    expect((await settle({ ...ada, email: after ?? null })).email).toBe(after);
  });

  test('has a name of its own, whatever the provider calls the person', async () => {
    const wish = newName('carol');
    const names = [];
    for (const preferredUsername of [wish, wish, '', 'x', `${'y'.repeat(80)}`, 'tab\there', null]) {
      names.push((await settle(person({ preferredUsername }))).username);
    }
    expect(names[0]).toBe(wish);
    expect(names[1]).toMatch(new RegExp(`^${wish}-[0-9a-z]{6}$`));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[^\p{Cc}]{3,50}$/u);
  });

  test('is one, also when the person signs in many times at once', async () => {
    const email = `${newName('race')}@example.org`;
    const identity = person({ email, isEmailVerified: true, preferredUsername: newName('race') });
    const users = await Promise.all(Array.from({ length: 8 }, () => settle(identity)));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
  });

  test('that is disabled stays so', async () => {
    const identity = person();
    const { id } = await settle(identity);
    await setUserActive(suite.store, id, false);
    expect(await codesOf([settle(identity)])).toEqual(['sign-in.disabled']);
  });
});

describe('groups', () => {
  test('decide who may come in', async () => {
    const rules = { allowedGroups: ['staff', 'ops'] };
    const tries = [['ops'], ['guests'], [], null].map((groups) => settle(person({ groups }), rules));
    expect(await codesOf(tries)).toEqual([
      'done',
      'sign-in.not-allowed',
      'sign-in.not-allowed',
      'sign-in.not-allowed',
    ]);
  });

  test('make an administrator and take it back, with the limits of the role', async () => {
    await suite.newCaller({ isAdmin: true });
    const rules = { adminGroups: ['ops'] };
    const identity = person({ groups: ['ops'] });
    const admin = await settle(identity, rules);
    expect(admin).toMatchObject({ is_admin: true, rate_limit_per_second: 100, rate_limit_burst: 200 });
    const member = await settle({ ...identity, groups: [] }, rules);
    expect(member).toMatchObject({ is_admin: false, rate_limit_per_second: 10, rate_limit_burst: 20 });
    // Without a rule the provider has no say.
    await settle(identity, rules);
    expect((await settle({ ...identity, groups: [] })).is_admin).toBe(true);
  });
});

describe('what a provider changes', () => {
  const rules = { adminGroups: ['ops'] };

  test('is in the audit log, and nothing is when nothing changed', async () => {
    const email = `${newName('ada')}@example.org`;
    const ada = person({ email, isEmailVerified: true, groups: ['ops'] });
    const { id } = await settle(ada, rules);
    await settle(ada, rules);
    await settle({ ...ada, email: `new-${email}` }, rules);
    const entries = await rowsOf(
      suite.store,
      sql`select actor, details from audit
        where action = 'user.update' and target_id = ${String(id)} order by id`,
    );
    expect(entries).toMatchObject([
      { actor: 'oidc:sso', details: { is_admin: true } },
      { actor: 'oidc:sso', details: { email: `new-${email}` } },
    ]);
  });

  test('and what an administrator changes at that moment do not wait for each other in a circle', async () => {
    const admin = await suite.newCaller({ isAdmin: true });
    const demotion = {
      ...{ username: null, email: null, password: null, isAdmin: false, isActive: null },
      ...{ perSecond: null, burst: null },
    };
    for (let count = 0; count < 8; count++) {
      const email = `${newName('eve')}@example.org`;
      const eve = person({ email, isEmailVerified: true, groups: ['ops'] });
      const { id } = await settle(eve, rules);
      const change = updateUser.invoke(suite.context, {
        caller: admin,
        origin: ORIGIN,
        input: { user: { id }, change: demotion },
      });
      const signIn = settle({ ...eve, email: `new-${email}`, groups: [] }, rules);
      expect(await codesOf([signIn, change])).toEqual(['done', 'done']);
      expect(await findUser(suite.store, id)).toMatchObject({ is_admin: false, email: `new-${email}` });
    }
  });
});

test('the last active administrator keeps the role, whatever the provider says', async () => {
  const identity = person({ groups: ['ops'] });
  const rules = { adminGroups: ['ops'] };
  const { id } = await settle(identity, rules);
  const { store } = suite;
  const others = await store
    .selectFrom('users')
    .select('id')
    .where('is_admin', '=', true)
    .where('id', '!=', id)
    .execute();
  for (const other of others) await setUserActive(store, other.id, false);
  await settle({ ...identity, groups: [] }, rules);
  expect((await findUser(store, id))?.is_admin).toBe(true);
});

describe('where a browser may be sent back to', () => {
  test.each(['/', '/device?code=BCDF-GHJK', '/a/b/c#d', '/%2e%2e/x', `/${'a'.repeat(1_999)}`])(
    '%s',
    (path) => {
      expect(localPath(path)).toBe(path);
    },
  );

  test.each([
    undefined,
    '',
    'dashboard',
    '//evil.example',
    '/a//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/ /evil.example',
    '/\n',
    'https://evil.example/',
    'javascript:alert(1)',
    '/é',
    `/${'a'.repeat(2_000)}`,
  ])('not %j', (path) => {
    expect(localPath(path)).toBeNull();
  });
});
