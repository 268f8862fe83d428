import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { keyRing } from '../../src/kernel/seal.ts';
import { deleteOtherSecretVersions, getSecret, insertSecret, resealAll } from '../../src/store/secrets.ts';
import { newResource, rowsOf, storeSuite } from './support/store-suite.ts';

const suite = storeSuite();
const ring = keyRing('a-first-key-of-this-test-Q7v9Zx2p');
const newRing = keyRing('another-key-of-this-test-L4k8Wm3r', ['a-first-key-of-this-test-Q7v9Zx2p']);

async function newPlace(version = 1) {
  return { resourceId: (await newResource(suite.store)).id, field: 'verifier', version };
}

describe('secrets', () => {
  test('come back for their place, and the table shows nothing of them', async () => {
    const place = await newPlace();
    await insertSecret(suite.store, ring, place, 'swordfish');
    expect(await getSecret(suite.store, ring, place)).toBe('swordfish');
    const query = sql<{ sealed: Buffer }>`select sealed from secrets where resource_id = ${place.resourceId}`;
    const [row] = await rowsOf(suite.store, query);
    expect(row?.sealed.includes('swordfish')).toBe(false);
  });

  test('a row that was copied to another resource, or another version, does not open', async () => {
    const [place, other] = [await newPlace(), await newPlace()];
    await insertSecret(suite.store, ring, place, 'swordfish');
    await sql`
      insert into secrets select ${other.resourceId}, field, version, sealed from secrets
      where resource_id = ${place.resourceId}`.execute(suite.store);
    await sql`
      insert into secrets select resource_id, field, 2, sealed from secrets
      where resource_id = ${place.resourceId}`.execute(suite.store);
    await expect(getSecret(suite.store, ring, other)).rejects.toThrow(/authenticate/);
    await expect(getSecret(suite.store, ring, { ...place, version: 2 })).rejects.toThrow(/authenticate/);
    expect(await getSecret(suite.store, ring, place)).toBe('swordfish');
  });

  test('one that is not there is an error, not an empty text', async () => {
    await expect(getSecret(suite.store, ring, await newPlace())).rejects.toThrow(/no result/i);
  });

  test('a version is written once', async () => {
    const place = await newPlace();
    await insertSecret(suite.store, ring, place, 'swordfish');
    await expect(insertSecret(suite.store, ring, place, 'herring')).rejects.toMatchObject({ code: '23505' });
  });

  test('all versions but one can be removed, of one field of one resource', async () => {
    const [place, other] = [await newPlace(), await newPlace()];
    for (const version of [1, 2, 3]) {
      await insertSecret(suite.store, ring, { ...place, version }, `v${version}`);
    }
    await insertSecret(suite.store, ring, { ...place, field: 'other' }, 'kept');
    await insertSecret(suite.store, ring, other, 'kept too');
    await deleteOtherSecretVersions(suite.store, { ...place, version: 2 });
    expect(await getSecret(suite.store, ring, { ...place, version: 2 })).toBe('v2');
    for (const version of [1, 3]) {
      await expect(getSecret(suite.store, ring, { ...place, version })).rejects.toThrow(/no result/i);
    }
    expect(await getSecret(suite.store, ring, { ...place, field: 'other' })).toBe('kept');
    expect(await getSecret(suite.store, ring, other)).toBe('kept too');
  });

  test('go with their resource', async () => {
    const place = await newPlace();
    await insertSecret(suite.store, ring, place, 'swordfish');
    await suite.store.deleteFrom('resources').where('id', '=', place.resourceId).execute();
    await expect(getSecret(suite.store, ring, place)).rejects.toThrow(/no result/i);
  });

  test('are sealed anew after a change of keys, so that the old key can be thrown away', async () => {
    const place = await newPlace();
    await insertSecret(suite.store, ring, place, 'swordfish');
    // The copies of an earlier test open nowhere.
    await sql`delete from secrets where resource_id <> ${place.resourceId}`.execute(suite.store);
    const resealed = await suite.store.transaction().execute((db) => resealAll(db, newRing));
    expect(resealed).toBe(1);
    const alone = keyRing('another-key-of-this-test-L4k8Wm3r');
    expect(await getSecret(suite.store, alone, place)).toBe('swordfish');
    await expect(getSecret(suite.store, ring, place)).rejects.toMatchObject({ code: 'seal.unknown-key' });
  });

  test('a re-seal that meets what it cannot open changes nothing', async () => {
    const place = await newPlace();
    await insertSecret(suite.store, ring, place, 'swordfish');
    const stranger = keyRing('a-key-that-nobody-configured-P0o9');
    await insertSecret(suite.store, stranger, { ...place, version: 2 }, 'lost');
    const resealing = suite.store.transaction().execute((db) => resealAll(db, newRing));
    await expect(resealing).rejects.toMatchObject({ code: 'seal.unknown-key' });
    expect(await getSecret(suite.store, ring, place)).toBe('swordfish');
  });
});
