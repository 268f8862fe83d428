import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNastyDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createNastyDatabase();
});
afterAll(() => database.drop());

test('run answers the rows of the last statement', async () => {
  expect(await database.run('SELECT 1; SELECT count(*)::int AS n FROM api.numbers')).toEqual([{ n: 1000 }]);
});
