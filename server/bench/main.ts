/**
 * `npm run bench`: what our promises cost, as ratios against the raw thing in the same run. Absolute times
 * belong to the machine and the minute; only the ratios are worth quoting.
 */
import { benchCreateDatabase } from './create-database.ts';
import { startProduct } from './product.ts';
import { benchReads } from './reads.ts';
import type { Row } from './row.ts';

const product = await startProduct();
try {
  const rows: Row[] = [...(await benchCreateDatabase(product)), ...(await benchReads(product))];
  console.table(Object.fromEntries(rows.map(({ name, ...cells }) => [name, cells])));
} finally {
  await product.stop();
}
