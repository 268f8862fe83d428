/** Whose account a sign-in by a provider opens: contract pgweb, sections 4.2 and 7 (19). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from './support/api.ts';
import { cookiesOf, locationOf, pathOf, Visitor } from './support/browser.ts';
import { useSignIn } from './support/oidc-product.ts';
import { type ProviderAccount, startOidcProvider } from './support/oidc-provider.ts';
import { createPerson, deactivate, uniqueName } from './support/people.ts';
import type { Me } from './support/wire.ts';

const pair = useSignIn(startOidcProvider, { OIDC_ADMIN_GROUPS: 'admins, owners' });

let login: string;
let email: string;
beforeEach(() => {
  login = uniqueName('ada');
  email = `${login}@example.com`;
});

/** What the provider says about the account from now on. */
function isNow(account: Partial<ProviderAccount>, name = login): void {
  pair().provider.accounts.set(name, { subject: `subject-of-${name}`, ...account });
}

async function callback(who: Visitor, name = login): Promise<Answer> {
  const location = locationOf(await who.get('/auth/login'));
  return who.get(pathOf(await pair().provider.walk(location, name)));
}

async function signIn(name = login): Promise<{ who: Visitor; me: Me }> {
  const who = new Visitor(pair().product.url);
  const answer = await callback(who, name);
  expect(answer.status, answer.text).toBe(302);
  return { who, me: await meOf(who) };
}

async function meOf(who: Visitor): Promise<Me> {
  const answer = await who.get<Me>('/auth/me');
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

describe('an account', () => {
  test('is made at the first sign-in, and found again by the subject, whatever else changes', async () => {
    isNow({ email, isEmailVerified: true });
    const first = await signIn();
    const later = uniqueName('lovelace');
    pair().provider.accounts.delete(login);
    isNow({ subject: `subject-of-${login}`, email: `${later}@example.com`, isEmailVerified: true }, later);
    const second = await signIn(later);
    expect(second.me).toEqual({ ...first.me, email: `${later}@example.com` });
  });

  test('with that verified address is linked, in whatever case it is written', async () => {
    const person = await createPerson(pair().product, 'carol');
    isNow({ email: person.email.toUpperCase(), isEmailVerified: true });
    const { me } = await signIn();
    expect(me).toMatchObject({ internal_user_id: person.internal_user_id, username: person.username });
    expect(me.oidc_sub).toBe(`subject-of-${login}`);
    expect((await person.api.get('/auth/me')).status).toBe(200);
  });

  test.each([false, undefined])(
    'is never linked by an address whose proof is %s',
    async (isEmailVerified) => {
      const victim = await createPerson(pair().product, 'victim');
      isNow({ email: victim.email, ...(isEmailVerified === undefined ? {} : { isEmailVerified }) });
      const { me } = await signIn();
      expect(me.internal_user_id).not.toBe(victim.internal_user_id);
      expect(me.email).toBe('');
      expect((await victim.api.get<Me>('/auth/me')).body).toMatchObject({
        email: victim.email,
        oidc_sub: '',
      });
    },
  );

  test('that has an identity of this provider is not given to a second one: that gets its own', async () => {
    isNow({ email, isEmailVerified: true });
    const first = await signIn();
    const other = uniqueName('other');
    isNow({ email, isEmailVerified: true }, other);
    const second = await signIn(other);
    expect(second.me.internal_user_id).not.toBe(first.me.internal_user_id);
    expect(second.me.email).toBe('');
    expect(await meOf(first.who)).toEqual(first.me);
  });

  test('keeps its address when the new one belongs to somebody else', async () => {
    const other = await createPerson(pair().product, 'other');
    isNow({ email, isEmailVerified: true });
    const first = await signIn();
    isNow({ email: other.email, isEmailVerified: true });
    expect((await signIn()).me).toEqual(first.me);
  });

  test('keeps its address when the provider stops saying that it is verified', async () => {
    isNow({ email, isEmailVerified: true });
    const first = await signIn();
    isNow({ email: `new-${email}`, isEmailVerified: false });
    expect((await signIn()).me).toEqual(first.me);
  });

  test('needs no address: two without one are two', async () => {
    const other = uniqueName('other');
    isNow({});
    isNow({}, other);
    const [first, second] = [await signIn(), await signIn(other)];
    expect(first.me.email).toBe('');
    expect(second.me.email).toBe('');
    expect(first.me.internal_user_id).not.toBe(second.me.internal_user_id);
    expect((await signIn()).me).toEqual(first.me);
  });

  test('gets a name of its own when the wished one is taken', async () => {
    const person = await createPerson(pair().product, 'taken');
    isNow({}, person.username);
    const { me } = await signIn(person.username);
    expect(me.internal_user_id).not.toBe(person.internal_user_id);
    expect(me.username).not.toBe(person.username);
  });

  test('is made once when two sign-ins of a new person arrive at the same time', async () => {
    isNow({ email, isEmailVerified: true });
    const people = Array.from({ length: 6 }, () => new Visitor(pair().product.url));
    const answers = await Promise.all(people.map((who) => callback(who)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 302));
    const ids = await Promise.all(people.map(async (who) => (await meOf(who)).internal_user_id));
    expect(new Set(ids).size).toBe(1);
  });

  test('that is disabled: 403, and no session', async () => {
    isNow({ email, isEmailVerified: true });
    const { who, me } = await signIn();
    await deactivate(pair().product, me.username);
    expect((await who.get('/auth/me')).status).toBe(401);
    const again = new Visitor(pair().product.url);
    const { status, body } = await callback(again);
    expect({ status, body }).toEqual({ status: 403, body: { error: 'User account is disabled' } });
    expect(again.cookies.has('backyard_session')).toBe(false);
    expect((await again.get('/auth/me')).status).toBe(401);
  });
});

describe('groups', () => {
  test('make an administrator and unmake one, at once also where they are signed in already', async () => {
    isNow({ groups: ['staff'] });
    const first = await signIn();
    expect(first.me.is_admin).toBe(false);
    isNow({ groups: ['staff', 'owners'] });
    expect((await signIn()).me.is_admin).toBe(true);
    expect((await meOf(first.who)).is_admin).toBe(true);
    isNow({ groups: [] });
    expect((await signIn()).me.is_admin).toBe(false);
    expect((await meOf(first.who)).is_admin).toBe(false);
  });

  test('that only look alike make nobody an administrator', async () => {
    isNow({ groups: ['Admins', 'admin', 'not-admins', 'admins, owners', 'admins '] });
    expect((await signIn()).me.is_admin).toBe(false);
  });
});

describe('other settings', () => {
  test('a provider whose addresses are trusted is believed when it says nothing, not when it says no', async () => {
    const { product } = pair();
    await product.restart({ OIDC_TRUST_EMAIL: 'true' });
    try {
      const carol = await createPerson(product, 'carol');
      isNow({ email: carol.email });
      expect((await signIn()).me.internal_user_id).toBe(carol.internal_user_id);
      const dave = await createPerson(product, 'dave');
      const other = uniqueName('other');
      isNow({ email: dave.email, isEmailVerified: false }, other);
      expect((await signIn(other)).me.internal_user_id).not.toBe(dave.internal_user_id);
    } finally {
      await product.restart({ OIDC_TRUST_EMAIL: undefined });
    }
  });

  test('only members of the allowed groups come in, also those who were in before', async () => {
    const { product } = pair();
    isNow({ groups: ['guests'] });
    await signIn();
    await product.restart({ OIDC_ALLOWED_GROUPS: 'staff' });
    try {
      for (const groups of [['guests'], [], undefined]) {
        isNow(groups === undefined ? {} : { groups });
        const who = new Visitor(product.url);
        const answer = await callback(who);
        expect(answer).toMatchObject({ status: 403, body: { error: expect.any(String) } });
        expect(cookiesOf(answer).filter(({ name, value }) => name === 'backyard_session' && value)).toEqual(
          [],
        );
        expect((await who.get('/auth/me')).status).toBe(401);
      }
      isNow({ groups: ['guests', 'staff'] });
      await signIn();
    } finally {
      await product.restart({ OIDC_ALLOWED_GROUPS: undefined });
    }
  });
});
