import { Fault } from '../../kernel/fault.ts';
import type { Log } from '../../kernel/log.ts';
import type { Config } from '../config.ts';
import type { ProviderSettings } from '../config-identity.ts';
import { startDevOidc } from './dev-oidc.ts';

export interface ConfigWithDevOidc {
  readonly config: Config;
  readonly stop: () => Promise<void>;
}

/** Starts the try-out provider and puts it before all others. Fault: `config.dev-oidc`. */
export async function withDevOidc(config: Config, log: Log): Promise<ConfigWithDevOidc> {
  if (config.port === 0) {
    throw new Fault(
      'config.dev-oidc',
      '--with-dev-oidc needs a fixed BACKYARD_PORT: the provider must know it.',
    );
  }
  const origin = config.identity.web.publicUrl?.origin ?? `http://127.0.0.1:${config.port}`;
  const redirectUrl = `${origin}/auth/callback`;
  const postLogoutUrl = config.identity.postLogoutUrl ?? `${origin}/sign-in`;
  const dev = await startDevOidc({ redirectUrl, postLogoutRedirectUrls: [postLogoutUrl], log });
  const provider: ProviderSettings = {
    name: 'try-out',
    title: 'the try-out provider (for everybody)',
    issuer: dev.issuer,
    clientId: dev.clientId,
    clientSecret: dev.clientSecret,
    redirectUrl,
    scopes: ['openid', 'profile', 'email', 'groups'],
    groupsClaim: 'groups',
    rules: { trustsEmail: false, adminGroups: ['admins'], allowedGroups: null },
  };
  log.warn(
    { issuer: dev.issuer },
    'the try-out sign-in provider runs: whoever reaches it signs in as anybody',
  );
  const { providers } = config.identity;
  return {
    config: {
      ...config,
      identity: { ...config.identity, providers: [provider, ...providers], postLogoutUrl },
    },
    stop: () => dev.stop(),
  };
}
