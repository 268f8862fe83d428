/** Every route of the table for every kind of caller: contract rules 3, 4 and 5. Generated, not listed. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, api } from './support/api.ts';
import { createKey, createPerson, deactivate, type Person, theAdmin } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { createDatabase } from './support/resources.ts';
import { type Address, addresses } from './support/routes.ts';
import { filled, ofNothing, type Sample, type Scene, samples } from './support/samples.ts';

const product = useProduct({
  env: { PGWEB_MAX_DATABASES_PER_OWNER: '0', PGWEB_MAX_USERS_PER_DATABASE: '0' },
});

interface Callers {
  readonly owner: Api;
  readonly admin: Api;
  readonly member: Api;
  readonly nobody: Api;
  readonly revoked: Api;
  /** An API key, and a JWT, of a user who was deactivated afterwards. */
  readonly deactivated: Api;
  readonly deactivatedJwt: Api;
}

let callers: Callers;
let scene: Scene;

beforeAll(async () => {
  const owner = await createPerson(product(), 'owner');
  const member = await createPerson(product(), 'member');
  const leaver = await createPerson(product(), 'leaver');
  await deactivate(product(), leaver.username);
  const { url } = product();
  callers = {
    owner: owner.api,
    admin: (await theAdmin(product())).api,
    member: member.api,
    nobody: api(url),
    revoked: api(url, await revokedKey(owner)),
    deactivated: leaver.api,
    deactivatedJwt: api(url, leaver.jwt),
  };
  scene = { product: product(), owner, home: await createDatabase(owner.api) };
});

async function revokedKey(person: Person): Promise<string> {
  const { id, key } = await createKey(person.api);
  await person.api.delete(`/api/v1/auth/api-keys/${id}`);
  return key;
}

async function sampleFor(address: Address): Promise<Sample> {
  const make = samples[address.route.operation];
  if (make === undefined)
    throw new Error(`no sample for ${address.route.operation}: add one to support/samples.ts`);
  return make(scene);
}

function send(address: Address, caller: Api, sample: Sample): Promise<Answer> {
  const path = filled(address.path, sample);
  const { method } = address.route;
  if (sample.body === undefined) return caller.send({ method, path });
  return caller.send({
    method,
    path,
    raw: JSON.stringify(sample.body),
    headers: { 'content-type': 'application/json' },
  });
}

/** The 401 of the contract that the path belongs to, for this kind of caller. */
function unauthorized(path: string, caller: keyof Callers): unknown {
  if (!path.startsWith('/api/v1/')) return { error: 'Unauthorized. Please log in.' };
  const both = (text: string) => ({ message: text, detail: text });
  const texts: Partial<Record<keyof Callers, unknown>> = {
    nobody: { message: 'missing or malformed jwt', detail: 'Missing authentication credentials' },
    revoked: both('Invalid or expired API token'),
    deactivated: both('User account is disabled'),
    deactivatedJwt: both('User not found or inactive'),
  };
  return texts[caller];
}

const outsiders = ['nobody', 'revoked', 'deactivated', 'deactivatedJwt'] as const;

async function expectOpenToAll(address: Address): Promise<void> {
  for (const caller of [...outsiders, 'member', 'owner', 'admin'] as const) {
    const sample = await sampleFor(address);
    const { status } = await send(address, callers[caller], sample);
    expect({ caller, status }).toEqual({ caller, status: sample.success });
  }
}

async function expectOutsidersRefused(address: Address, sample: Sample): Promise<void> {
  for (const caller of outsiders) {
    const { status, body } = await send(address, callers[caller], sample);
    expect({ caller, status, body }).toEqual({
      caller,
      status: 401,
      body: unauthorized(address.path, caller),
    });
  }
}

/** A stranger gets the answer that an unknown id gets, word for word. */
async function expectHidden(address: Address, sample: Sample): Promise<void> {
  const foreign = await send(address, callers.member, sample);
  const unknown = await send(address, callers.member, ofNothing(sample));
  expect({ caller: 'member', status: foreign.status }).toEqual({ caller: 'member', status: 404 });
  expect(foreign.body).toEqual(unknown.body);
}

async function expectAllowed(
  address: Address,
  names: readonly (keyof Callers)[],
  first: Sample,
): Promise<void> {
  for (const [index, caller] of names.entries()) {
    const sample = index === 0 ? first : await sampleFor(address);
    const { status } = await send(address, callers[caller], sample);
    expect({ caller, status }).toEqual({ caller, status: sample.success });
  }
}

describe('every route at every path', () => {
  test.each(addresses.map((address) => [address.label, address] as const))('%s', async (_, address) => {
    const { access } = address.route;
    if (access === 'anyone') return expectOpenToAll(address);
    const sample = await sampleFor(address);
    await expectOutsidersRefused(address, sample);
    if (access === 'user') return expectAllowed(address, ['member', 'owner', 'admin'], sample);
    if (access === 'owner') {
      await expectHidden(address, sample);
      return expectAllowed(address, ['owner', 'admin'], sample);
    }
    expect((await send(address, callers.owner, sample)).status).toBe(403);
    return expectAllowed(address, ['admin'], sample);
  });
});

test('a refused request changed nothing', async () => {
  const { status, body } = await callers.owner.get(`/api/databases/${scene.home.database_id}`);
  expect({ status, body }).toEqual({ status: 200, body: scene.home });
});

test('no sample is left over from a route that is gone', () => {
  const operations = new Set(addresses.map((address) => address.route.operation));
  expect(Object.keys(samples).filter((operation) => !operations.has(operation))).toEqual([]);
});
