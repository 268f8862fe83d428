import { VERSION } from '../kernel/version.ts';
import type { Config } from './config.ts';

/** The few lines that a person sees after a start. */
export function renderBanner(url: string, config: Config, isFirstStart: boolean): string {
  const postgres = config.databaseUrl === null ? `embedded, in ${config.dataDir}` : 'DATABASE_URL';
  const lines = [
    '',
    `  Backyard ${VERSION} is ready`,
    '',
    `  URL        ${url}`,
    `  API docs   ${url}/docs`,
    `  Postgres   ${postgres}`,
    ...config.identity.providers.map(
      ({ name, title }) => `  Sign-in    ${url}/auth/login?provider=${name} (${title})`,
    ),
    '',
    ...(isFirstStart
      ? ['  Sign in:   npx backyard login', '  Then:      npx backyard databases create shop']
      : []),
    ...(isFirstStart ? [''] : []),
    '  Ctrl-C stops it.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
