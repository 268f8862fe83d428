/** A product that knows a sign-in provider, and that provider. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ClientOptions } from './oidc-provider.ts';
import { freePort, Product, type Settings } from './product.ts';

interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
}

/** What tells a product about a provider. */
export function signInSettings(url: string, provider: Omit<Registration, 'stop'>): Settings {
  return {
    OIDC_ISSUER_URL: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_REDIRECT_URL: `${url}/auth/callback`,
    POST_LOGOUT_REDIRECT_URL: `${url}/healthz`,
  };
}

export interface SignInPair<P> {
  readonly product: Product;
  readonly provider: P;
}

/** A product and the provider that it knows, for all tests of a file. */
export function useSignIn<P extends Registration>(
  start: (client: ClientOptions) => Promise<P>,
  env: Settings = {},
): () => SignInPair<P> {
  let pair: SignInPair<P> | undefined;
  let shown = 0;
  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const client = { redirectUrl: `${url}/auth/callback`, afterLogoutUrl: `${url}/healthz` };
    const provider = await start(client);
    const product = new Product(port, { env: { ...signInSettings(url, provider), ...env } });
    pair = { product, provider };
    await product.start();
  });
  afterEach(({ task }) => {
    const news = pair?.product.output.slice(shown) ?? '';
    shown += news.length;
    if (task.result?.state === 'fail') process.stderr.write(`--- output during "${task.name}"\n${news}\n`);
  });
  afterAll(async () => {
    await pair?.product.dispose();
    await pair?.provider.stop();
  });
  return () => {
    if (pair === undefined) throw new Error('the product is not up');
    return pair;
  };
}
