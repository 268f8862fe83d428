/** Who keeps the power, and the way in for those who lost it: orchestrator contract, sections 3 and 7.15. */
import { expect, test } from 'vitest';
import { type Answer, api } from './support/api.ts';
import { createPerson, createPersonByEntry, signIn, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import type { Me, SharedError, UserList } from './support/wire.ts';

const product = useProduct();
const users = '/api/v1/users';

function patch(token: string | undefined, id: number, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const raw = JSON.stringify(body);
  return api(product().url, token).send({ method: 'PATCH', path: `${users}/${id}`, raw, headers });
}

test('the last active administrator cannot give up the power, also not to an inactive one', async () => {
  const { api: admin, id } = await theAdmin(product());
  const former = await createPerson(product(), 'former', ['--admin']);
  expect((await admin.delete(`${users}/${former.id}`)).status).toBe(200);
  const text = 'Cannot remove the last active administrator';
  const refused: { status: number; body: SharedError } = {
    status: 422,
    body: { message: text, detail: text },
  };
  for (const change of [{ is_admin: false }, { is_active: false }, { is_admin: false, username: 'nobody' }]) {
    expect(await patch(admin.token, id, change)).toMatchObject(refused);
  }
  expect(await admin.delete(`${users}/${id}`)).toMatchObject(refused);
  expect((await admin.get<Me>('/auth/me')).body).toMatchObject({ username: 'admin', is_admin: true });
  expect((await patch(admin.token, id, { is_admin: true, is_active: true })).status).toBe(200);
  // Who is shut out has no power to lose.
  expect((await patch(admin.token, former.id, { is_admin: false })).status).toBe(200);
});

test('of two administrators who take the power from each other one keeps it', async () => {
  for (const attack of ['demote', 'deactivate']) {
    const first = await theAdmin(product());
    const second = await createPerson(product(), 'second', ['--admin']);
    const strike = (by: string, on: number) =>
      attack === 'demote'
        ? patch(by, on, { is_admin: false })
        : api(product().url, by).delete(`${users}/${on}`);
    const answers = await Promise.all([strike(first.jwt, second.id), strike(second.jwt, first.id)]);
    const [won, lost] = answers.map(({ status }) => status).sort();
    // The loser is refused as the last one, or comes when the power is gone already.
    expect([won, attack]).toEqual([200, attack]);
    expect([401, 403, 422]).toContain(lost);
    const winner = answers[0]?.status === 200 ? first : second;
    const keeper = api(product().url, winner.jwt);
    const { body } = await keeper.get<UserList>(`${users}?limit=100&is_active=true`);
    expect(body.users.filter((user) => user.is_admin).map(({ id }) => id)).toEqual([winner.id]);
    // As it was, for who comes next.
    expect((await patch(winner.jwt, first.id, { is_admin: true, is_active: true })).status).toBe(200);
    expect((await patch(first.api.token, second.id, { is_admin: false })).status).toBe(200);
  }
});

test('an administrator may go when there is another one', async () => {
  const { id, jwt } = await createPerson(product(), 'leaver', ['--admin']);
  expect((await patch(jwt, id, { is_admin: false })).status).toBe(200);
  expect((await api(product().url, jwt).get(users)).status).toBe(403);
});

test('the operators’ entry makes people, and ends their sessions', async () => {
  const person = await createPersonByEntry(product(), 'byentry', ['--admin']);
  const jwt = api(product().url, person.jwt);
  expect((await jwt.get<UserList>(users)).body.users[0]).toMatchObject({
    id: person.id,
    email: person.email,
    is_admin: true,
    rate_limit_per_second: 10_000,
    rate_limit_burst: 100_000,
  });
  const { username } = person;
  const changed = await product().admin(
    ['set-password', '--username', username, '--password-stdin'],
    'a new one',
  );
  expect(changed, changed.output).toMatchObject({ code: 0, stderr: '' });
  expect((await jwt.get('/auth/me')).status).toBe(401);
  expect((await person.api.get('/auth/me')).status).toBe(200);
  const again = api(product().url, await signIn(product(), username, 'a new one'));
  const gone = await product().admin(['deactivate-user', '--username', username]);
  expect(gone, gone.output).toMatchObject({ code: 0, stderr: '' });
  expect([(await again.get('/auth/me')).status, (await person.api.get('/auth/me')).status]).toEqual([
    401, 401,
  ]);
});

test('the operators’ entry knows the rules of the API', async () => {
  const create = (username: string, email: string, password: string) =>
    product().admin(
      ['create-user', '--username', username, '--email', email, '--password-stdin'],
      `${password}\n`,
    );
  const name = uniqueName('entry');
  const refused = [
    [await create('ab', 'a@example.com', 'swordfish'), '3 to 50 characters'],
    [await create(name, 'no-address', 'swordfish'), 'An email address must have an @-sign.'],
    [await create(name, 'a@example.com', 'herring'), 'at least 8 characters'],
    [await create('ADMIN', 'a@example.com', 'swordfish'), 'is taken'],
  ] as const;
  for (const [done, text] of refused) {
    expect(done.code).toBe(1);
    expect(done.stderr).toContain(text);
    expect(done.output).not.toMatch(/swordfish|herring/);
  }
  expect((await create(name, `${name}@example.com`, 'swordfish')).code).toBe(0);
});

test('the operators’ entry may deactivate the last administrator, with a warning, and make another one', async () => {
  const { body } = await (await theAdmin(product())).api.get<UserList>(`${users}?limit=100&is_active=true`);
  for (const { username } of body.users.filter((user) => user.is_admin && user.username !== 'admin')) {
    await product().admin(['deactivate-user', '--username', username]);
  }
  const done = await product().admin(['deactivate-user', '--username', 'admin']);
  expect(done.code, done.output).toBe(0);
  expect(done.stderr).toContain('last active administrator');
  const next = await createPersonByEntry(product(), 'next', ['--admin']);
  expect((await next.api.get(users)).status).toBe(200);
});
