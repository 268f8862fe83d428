import { expect, test } from 'vitest';
import type { TenantSettings } from '../config/settings.ts';
import { parseRequest } from '../request/parse-request.ts';
import { requestOf, tenantSettings } from '../request/test-requests.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import type { Plan } from './plan.ts';
import { planRequest } from './plan-request.ts';
import { filmCache } from './test-cache.ts';

interface Given {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly cache?: Partial<SchemaCache>;
  readonly settings?: Partial<TenantSettings>;
}

function plan(method: string, url: string, { headers, body, cache, settings }: Given = {}): Plan {
  const known = tenantSettings({ dbSchemas: ['api'], ...settings });
  const request = parseRequest(requestOf(method, url, { headers: { ...headers }, body: body ?? '' }), known);
  return planRequest(request, filmCache(cache), known);
}

const full = { prefer: 'return=representation' };

test('what a mutation returns is what its answer needs', () => {
  const returning = (url: string, headers: Record<string, string> = full) => {
    const planned = plan('DELETE', url, { headers });
    return planned.kind === 'delete' ? planned.returning : null;
  };
  expect(returning('/films')).toEqual(['*']);
  expect(returning('/films', {})).toEqual([]);
  expect(returning('/films', { prefer: 'return=headers-only' })).toEqual([]);
  expect(returning('/films?select=title,t:title&order=id')).toEqual(['title', 'id']);
  expect(returning('/films?select=title,films_director_fkey(name)')).toEqual(['title', 'director']);
  expect(returning('/films?select=title,roles(part)')).toEqual(['title', 'id']);
  expect(returning('/people?select=name,first_film(title)')).toEqual(['*']);
});

test('Location needs the key of the table and nothing else', () => {
  const headers = { prefer: 'return=headers-only' };
  const planned = plan('POST', '/films', { headers, body: '{"id":1}' });
  expect(planned).toMatchObject({ returning: ['id'], primaryKey: ['id'], body: { kind: 'none' } });
});

test('columns have the types of the table, and the functions that parse them', () => {
  const parse = { schema: 'api', name: 'colour_from_json' };
  const cache = { representations: [{ from: 'json', to: 'api.colour', function: parse }] };
  const planned = plan('POST', '/films', { body: '{"title":"x","colour":"red"}', cache });
  expect(planned).toMatchObject({
    columns: [
      { name: 'colour', type: 'api.colour', transform: parse },
      { name: 'title', type: 'text', transform: null },
    ],
  });
  expect(() => plan('POST', '/films', { body: '{"zz":1,"aa":1}' })).toThrow(
    "Could not find the 'aa' column of 'films' in the schema cache",
  );
});

test('conflicts are settled where the request says how', () => {
  const conflict = (url: string, prefer: string) => {
    const planned = plan('POST', url, { headers: { prefer }, body: '{"id":1}' });
    return planned.kind === 'insert' ? planned.onConflict : undefined;
  };
  expect(conflict('/films', '')).toBeNull();
  expect(conflict('/films?on_conflict=title', '')).toBeNull();
  expect(conflict('/films', 'resolution=merge-duplicates')).toEqual({ columns: ['id'], resolution: 'merge' });
  expect(conflict('/films?on_conflict=title,id', 'resolution=ignore-duplicates')).toEqual({
    columns: ['title', 'id'],
    resolution: 'ignore',
  });
});

test('PUT names its row, and brings its key', () => {
  const put = plan('PUT', '/films?id=eq.1', { body: '{"id":1,"title":"x"}' });
  expect(put).toMatchObject({ kind: 'insert', onConflict: { columns: ['id'], resolution: 'merge' } });
  expect(() => plan('PUT', '/films?id=eq.1', { body: '{"title":"x"}' })).toThrow(
    'Payload values do not match URL',
  );
  expect(() => plan('PUT', '/films?title=eq.1', { body: '{"id":1}' })).toThrow(
    'Filters must include all and only',
  );
});

test('max-affected counts with strict handling, where rows are affected', () => {
  const strict = { prefer: 'handling=strict, max-affected=3' };
  expect(plan('DELETE', '/films', { headers: strict }).maxAffected).toBe(3);
  expect(plan('DELETE', '/films', { headers: { prefer: 'max-affected=3' } }).maxAffected).toBeNull();
  expect(plan('POST', '/films', { headers: strict, body: '{"id":1}' }).maxAffected).toBeNull();
  expect(plan('GET', '/films', { headers: strict }).maxAffected).toBeNull();
});

test('reads only read, and a HEAD shows nothing', () => {
  expect(plan('GET', '/films')).toMatchObject({
    access: 'read only',
    body: { kind: 'json', shape: 'array' },
  });
  expect(plan('HEAD', '/films')).toMatchObject({ access: 'read only', body: { kind: 'none' } });
  expect(plan('DELETE', '/films')).toMatchObject({ access: 'read write', body: { kind: 'none' } });
});

test('a timezone must exist where handling is strict', () => {
  const cache = { timezones: new Set(['Europe/Paris']) };
  const headers = { prefer: 'handling=strict, timezone=Mars' };
  expect(() => plan('GET', '/films', { headers, cache })).toThrow(
    'Invalid preferences given with handling=strict',
  );
  expect(plan('GET', '/films', { headers: { prefer: 'timezone=Mars' }, cache }).kind).toBe('read');
});
