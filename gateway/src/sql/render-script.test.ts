import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TenantSettings } from '../config/settings.ts';
import { planRequest } from '../plan/plan-request.ts';
import { emptyCache, filmCache } from '../plan/test-cache.ts';
import { parseRequest } from '../request/parse-request.ts';
import { requestOf, tenantSettings } from '../request/test-requests.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import { renderScript } from './render-script.ts';
import type { Script } from './statement.ts';

interface Given {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly cache?: Partial<SchemaCache>;
  readonly settings?: Partial<TenantSettings>;
  readonly role?: string;
}

function script(method: string, url: string, given: Given = {}): Script {
  const settings = tenantSettings({ dbSchemas: ['api'], dbExtraSearchPath: ['ex"tra'], ...given.settings });
  const request = parseRequest(
    requestOf(method, url, { headers: { ...given.headers }, body: given.body ?? '' }),
    settings,
  );
  const cache = filmCache(given.cache);
  const identity = { role: given.role ?? 'anon', claims: '{}' };
  return renderScript(request, planRequest(request, cache, settings), identity, cache, settings);
}

function textOf({ begin, settings, preRequest, main, countPlan }: Script): string {
  return [begin, settings.text, preRequest?.text, main.text, countPlan?.text].join('\n');
}

const TEXT = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text.isWellFormed());

test('no value of a request is in the SQL', () => {
  fc.assert(
    fc.property(TEXT, TEXT, (one, other) => {
      const render = (value: string) => {
        const json = JSON.stringify({ id: 1, title: value });
        const filter = `title=eq.${encodeURIComponent(value)}`;
        const headers = { prefer: 'return=representation, count=planned', 'x-one': value };
        return [
          script('GET', `/films?${filter}`, { headers }),
          script('POST', '/films', { headers, body: json }),
          script('PATCH', `/films?${filter}`, { headers, body: json }),
          script('DELETE', `/films?${filter}`, { headers, role: value }),
        ].map(textOf);
      };
      expect(render(one)).toEqual(render(other));
    }),
    { numRuns: 50 },
  );
});

test('settings go as names and values', () => {
  const { settings } = script('GET', '/films', { headers: { cookie: 'a=b', 'x-one': '1' }, role: 'web' });
  expect(settings.text).toMatch(/^SELECT set_config\(\$1, \$2, true\), set_config\(\$3, \$4, true\)/);
  expect(settings.values).toEqual([
    ...['search_path', '"api", "ex""tra"', 'role', 'web', 'request.jwt.claims', '{}'],
    ...['request.method', 'GET', 'request.path', '/films'],
    ...['request.headers', '{"x-one":"1"}', 'request.cookies', '{"a":"b"}'],
  ]);
});

test('a role brings its own settings, before it is taken', () => {
  const roleSettings = new Map([
    [
      'editor',
      [
        ['statement_timeout', '7s'],
        ['default_transaction_isolation', 'Repeatable Read'],
      ] as const,
    ],
    ['odd', [['default_transaction_isolation', 'serializable; DROP TABLE x']] as const],
  ]);
  const editor = script('GET', '/films', { cache: { roleSettings }, role: 'editor' });
  expect(editor.begin).toBe('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  expect(editor.settings.values.slice(0, 2)).toEqual(['statement_timeout', '7s']);
  expect(editor.settings.values).not.toContain('default_transaction_isolation');
  const odd = script('DELETE', '/films', { cache: { roleSettings }, role: 'odd' });
  expect(odd.begin).toBe('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
});

test('the function of the configuration is an identifier', () => {
  const preRequest = (dbPreRequest: string | null) =>
    script('GET', '/films', { settings: { dbPreRequest } }).preRequest?.text;
  expect(preRequest(null)).toBeUndefined();
  expect(preRequest('check')).toBe('SELECT "check"()');
  expect(preRequest('my.Check"')).toBe('SELECT "my"."Check"""()');
});

test('a count plan explains the rows without their limit', () => {
  const headers = { prefer: 'count=planned' };
  expect(script('GET', '/films?limit=1', { headers }).countPlan).toMatchObject({
    text: expect.stringMatching(/^EXPLAIN \(FORMAT JSON\) SELECT/),
    values: [],
  });
  expect(script('GET', '/films').countPlan).toBeNull();
  expect(script('DELETE', '/films', { headers }).countPlan).toBeNull();
});

test('an unknown timezone is not set', () => {
  const cache = { ...emptyCache(), ...filmCache(), timezones: new Set(['Asia/Tokyo']) };
  const values = (timezone: string) =>
    script('GET', '/films', { headers: { prefer: `timezone=${timezone}` }, cache }).settings.values;
  expect(values('Asia/Tokyo').slice(-2)).toEqual(['timezone', 'Asia/Tokyo']);
  expect(values('Mars')).not.toContain('timezone');
});
