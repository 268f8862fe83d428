import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { hasCommand, requireComponent } from './require-component.ts';
import { createTestDatabase } from './test-database.ts';

async function query(dsn: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('createTestDatabase', () => {
  test('clones a template, and what happens in a clone stays there', async () => {
    const template = await createTestDatabase();
    await query(template.dsn, 'CREATE TABLE given AS SELECT 42 AS answer');
    const [one, other] = await Promise.all([
      createTestDatabase(template.name),
      createTestDatabase(template.name),
    ]);
    await query(one.dsn, 'UPDATE given SET answer = 43');
    expect(await query(other.dsn, 'SELECT answer FROM given')).toEqual([{ answer: 42 }]);
    await Promise.all([one.drop(), other.drop(), template.drop()]);
    await expect(query(one.dsn, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });

  test('a drop cuts whoever is connected, and may be repeated', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.dsn });
    // Two come: Postgres' farewell, then the closed connection.
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    await client.connect();
    await database.drop();
    await database.drop();
    await expect.poll(() => errors[0]).toMatchObject({ code: '57P01' });
    await client.end();
  });

  test('the cluster is the throwaway one: without fsync', async () => {
    expect(await query(inject('postgresDsn'), 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
  });
});

describe('requireComponent', () => {
  const isRequired = process.env.BACKYARD_REQUIRE_COMPONENTS;

  test('says what is missing, or throws where everything must be there', () => {
    try {
      delete process.env.BACKYARD_REQUIRE_COMPONENTS;
      expect(requireComponent('ls', 'cat')).toBe(true);
      expect(requireComponent('ls', 'no-such-program')).toBe(false);
      process.env.BACKYARD_REQUIRE_COMPONENTS = '1';
      expect(() => requireComponent('ls', 'no-such-program')).toThrow('needs no-such-program, which');
      expect(requireComponent('ls')).toBe(true);
    } finally {
      if (isRequired === undefined) delete process.env.BACKYARD_REQUIRE_COMPONENTS;
      else process.env.BACKYARD_REQUIRE_COMPONENTS = isRequired;
    }
  });

  test('finds programs by name', () => {
    expect(hasCommand('ls')).toBe(true);
    expect(hasCommand('no-such-program')).toBe(false);
  });
});
