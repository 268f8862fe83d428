/** Several products on one Postgres, as an operator runs them. */
import { type DebianPostgres, startDebianPostgres } from './debian-postgres.ts';
import { type Product, type Settings, startProduct } from './product.ts';

const KEY = 'shared-Qk3v9Zt7Lw2Xr8Ny4Bm6Hs1Jd5';

export interface Replicas {
  readonly first: Product;
  readonly second: Product;
  dispose(): Promise<void>;
}

/** Two that share everything but their data directory; started one after the other. */
export async function startReplicas(postgres: DebianPostgres, env: Settings = {}): Promise<Replicas> {
  const cluster = await startDebianPostgres(postgres);
  const started: Product[] = [];
  const dispose = async () => {
    for (const product of started) await product.dispose();
    await cluster.stop();
  };
  try {
    for (let i = 0; i < 2; i++) {
      started.push(await startProduct({ env: { DATABASE_URL: cluster.dsn, SECRET_KEY: KEY, ...env } }));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  const [first, second] = started as [Product, Product];
  return { first, second, dispose };
}
