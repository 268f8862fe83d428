import { describe, expect, test } from 'vitest';
import { readIdentity } from './config-identity.ts';
import { ConfigReader, type Environment } from './config-reader.ts';

function mistakesOf(env: Environment): readonly string[] {
  const read = new ConfigReader(env);
  readIdentity(read);
  return read.mistakes;
}

describe('the address that people type', () => {
  test.each(['https://backyard.example.org', 'https://backyard.example.org/', 'http://10.0.0.7:8080'])(
    '%s',
    (address) => {
      expect(mistakesOf({ PUBLIC_URL: address })).toEqual([]);
    },
  );

  test.each(['https://example.org/backyard', 'https://example.org/?a=b', 'https://example.org/#top'])(
    'has nothing behind the host: %s',
    (address) => {
      expect(mistakesOf({ PUBLIC_URL: address })).toEqual([expect.stringMatching(/^PUBLIC_URL must end/)]);
    },
  );
});

describe('the header of an authenticating proxy', () => {
  test.each(['X-Auth-Request-Email', 'x-forwarded-email', 'Remote-Email'])('%s', (header) => {
    expect(mistakesOf({ PGWEB_TRUSTED_HEADER: header, TRUSTED_PROXIES: '10.0.0.1' })).toEqual([]);
  });

  test.each(['Cookie', 'X-Forwarded-For', 'X-Forwarded-Host', 'Forwarded', 'X-Request-Id', 'e mail'])(
    'is none with another meaning: %s',
    (header) => {
      const mistakes = mistakesOf({ PGWEB_TRUSTED_HEADER: header, TRUSTED_PROXIES: '10.0.0.1' });
      expect(mistakes).toEqual([expect.stringMatching(/^PGWEB_TRUSTED_HEADER must be/)]);
    },
  );

  test.each(['0.0.0.0/0', '10.0.0.1, ::/0'])(
    'counts from nobody when all the world is a proxy: %s',
    (list) => {
      const mistakes = mistakesOf({ PGWEB_TRUSTED_HEADER: 'X-Email', TRUSTED_PROXIES: list });
      expect(mistakes).toEqual([expect.stringMatching(/do not name everybody/)]);
      // Without that header such a list only says whose word about the way counts.
      expect(mistakesOf({ TRUSTED_PROXIES: list })).toEqual([]);
    },
  );
});

describe('where a provider sends people back to', () => {
  const provider = { OIDC_ISSUER_URL: 'https://id.example.org', OIDC_CLIENT_ID: 'backyard' };

  test.each(['https://a.example/auth/callback', 'http://127.0.0.1:8080/auth/oidc/callback'])('%s', (url) => {
    expect(mistakesOf({ ...provider, OIDC_REDIRECT_URL: url })).toEqual([]);
  });

  test.each(['https://a.example/', 'https://a.example/callback', 'https://a.example/auth/callback?x=1'])(
    'is a path that we serve, so not %s',
    (url) => {
      const mistakes = mistakesOf({ ...provider, OIDC_REDIRECT_URL: url });
      expect(mistakes).toEqual(['OIDC_REDIRECT_URL must be an address that ends in /auth/callback.']);
    },
  );
});
