/**
 * `npm run bench`: what our promises cost, as ratios against the raw thing in the same run. Absolute times
 * belong to the machine and the minute; only the ratios are worth quoting.
 */
import { benchCreateDatabase } from './create-database.ts';
import { benchLimiter } from './limiter.ts';
import { benchLogins, UNLIMITED_LOGINS } from './logins.ts';
import { type Product, startProduct } from './product.ts';
import { benchReads } from './reads.ts';
import type { Row } from './row.ts';

async function withProduct(
  settings: Readonly<Record<string, string>>,
  work: (product: Product) => Promise<Row[]>,
): Promise<Row[]> {
  const product = await startProduct(settings);
  try {
    return await work(product);
  } finally {
    await product.stop();
  }
}

const rows = [
  ...(await benchLimiter()),
  ...(await withProduct({}, async (product) => [
    ...(await benchCreateDatabase(product, 'create a database', 'at most 1.30')),
    ...(await benchReads(product)),
  ])),
  ...(await withProduct({ BACKYARD_SPARE_DATABASES: '0' }, (product) =>
    benchCreateDatabase(product, 'create a database, no spares', '–'),
  )),
  ...(await withProduct(UNLIMITED_LOGINS, benchLogins)),
];
console.table(Object.fromEntries(rows.map(({ name, ...cells }) => [name, cells])));
