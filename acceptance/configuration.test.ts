/** Settings, right and wrong: every mistake is told at once, in sentences, by the name of the setting. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signIn } from './support/people.ts';
import { processesUsing } from './support/processes.ts';
import { type ProductOptions, plain, useProducts } from './support/product.ts';
import { until } from './support/until.ts';

const { make } = useProducts();

test('a port in use is told by the name of its setting', async () => {
  const product = await make();
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(product.port, '127.0.0.1', resolve));
  try {
    product.launch();
    await product.gone(60_000);
  } finally {
    blocker.close();
  }
  expect(product.exitCode).not.toBe(0);
  expect(product.output).toContain('BACKYARD_PORT');
  expect(product.output).toContain(String(product.port));
  expect(product.output).not.toMatch(/^\s+at .+:\d+:\d+/m);
  await until(() => processesUsing(product.home).length === 0, { what: 'nothing runs' });
});

describe('a configuration with mistakes', () => {
  async function refused(env: ProductOptions['env']): Promise<string> {
    const product = await make({ env: env ?? {} });
    product.launch();
    await product.gone(30_000);
    expect(product.exitCode).not.toBe(0);
    expect(processesUsing(product.home)).toEqual([]);
    expect(product.output).not.toMatch(/^\s+at .+:\d+:\d+/m);
    return plain(product.output);
  }

  test('is told at once, every one of them, without the values that are secret', async () => {
    const output = await refused({
      BACKYARD_PORT: 'eighty',
      BACKYARD_ADMIN_PASSWORD: 'shorty7',
      DATABASE_URL: 'mysql://root:Dsn-Secret-1@db/backyard',
      PG_ADMIN_DSN: 'not a dsn Dsn-Secret-2',
      SECRET_KEY: 'weak-key-31',
      DATABASE_RETENTION_DAYS: '-1',
      PGWEB_MAX_DATABASES_PER_OWNER: 'many',
      PGWEB_MAX_USERS_PER_DATABASE: '1.5',
    });
    const names = ['BACKYARD_PORT', 'BACKYARD_ADMIN_PASSWORD', 'DATABASE_URL', 'PG_ADMIN_DSN', 'SECRET_KEY'];
    const more = ['DATABASE_RETENTION_DAYS', 'PGWEB_MAX_DATABASES_PER_OWNER', 'PGWEB_MAX_USERS_PER_DATABASE'];
    for (const name of [...names, ...more]) expect(output).toContain(name);
    for (const secret of ['Dsn-Secret', 'shorty7', 'weak-key-31']) expect(output).not.toContain(secret);
  });

  test.each([
    ['missing', undefined],
    ['short', 'only-20-characters-xx'],
    ['a published example', 'your-secret-key-change-in-production-min-32-chars'],
    ['one character, repeated', 'a'.repeat(64)],
  ])('a SECRET_KEY that is %s is refused with a database of our own', async (_, key) => {
    const output = await refused({
      DATABASE_URL: 'postgresql://backyard:Dsn-Secret-3@127.0.0.1:1/backyard',
      SECRET_KEY: key,
    });
    expect(output).toContain('SECRET_KEY');
    expect(output).not.toContain('Dsn-Secret-3');
    if (key !== undefined) expect(output).not.toContain(key);
  });

  test('an administrator called admin with that password is refused', async () => {
    expect(await refused({ BACKYARD_ADMIN_PASSWORD: 'admin' })).toContain('BACKYARD_ADMIN_PASSWORD');
  });
});

test('the settings of a .env file are read, and lose against the environment', async () => {
  const product = await make({ env: { BACKYARD_ADMIN_USERNAME: undefined } });
  writeFileSync(
    join(product.home, '.env'),
    'BACKYARD_ADMIN_USERNAME=from-file\nBACKYARD_ADMIN_PASSWORD=From-The-File-1\n',
  );
  await product.start();
  await signIn(product, 'from-file', product.adminPassword);
});
