import { expect, test } from 'vitest';
import { RestFault } from '../fault.ts';
import { parseAccept } from '../request/parse-media-types.ts';
import type { MediaConverter } from '../schema/schema-cache.ts';
import { renderMediaName } from './media-name.ts';
import { type MediaTarget, negotiateMedia } from './media-negotiation.ts';

const films = { schema: 'api', name: 'films' };

function handler(mediaType: string, target: MediaConverter['target'], name = 'make'): MediaConverter {
  return { mediaType, target, function: { schema: 'api', name }, isAggregate: true };
}

function negotiate(accept: string, changes: Partial<MediaTarget> = {}): string {
  const target: MediaTarget = {
    identifier: films,
    isWhole: true,
    shape: 'array',
    handlers: [],
    isPlanEnabled: true,
    ...changes,
  };
  const { body, mediaType } = negotiateMedia(parseAccept(accept), target);
  const form = body.kind === 'explain' ? body.of : body;
  const what = {
    json: () => (form.kind === 'json' ? `${form.shape}${form.stripsNulls ? ' stripped' : ''}` : ''),
    handler: () => (form.kind === 'handler' ? form.handler.function.name : ''),
  };
  const detail = form.kind === 'json' || form.kind === 'handler' ? ` ${what[form.kind]()}` : '';
  return `${body.kind === 'explain' ? `explain ${body.format} ` : ''}${form.kind}${detail} as ${renderMediaName(mediaType)}`;
}

test.each([
  ['*/*', 'json array as application/json'],
  ['application/json', 'json array as application/json'],
  ['application/vnd.pgrst.array', 'json array as application/json'],
  [
    'application/vnd.pgrst.array+json;nulls=stripped',
    'json array stripped as application/vnd.pgrst.array+json;nulls=stripped',
  ],
  ['application/vnd.pgrst.object', 'json object as application/vnd.pgrst.object+json'],
  [
    'application/vnd.pgrst.object+json;nulls=stripped',
    'json object stripped as application/vnd.pgrst.object+json;nulls=stripped',
  ],
  ['text/csv', 'csv as text/csv'],
  ['application/geo+json', 'geojson as application/geo+json'],
  ['text/unknown, text/csv', 'csv as text/csv'],
  [
    'application/vnd.pgrst.plan',
    'explain text json array as application/vnd.pgrst.plan+text; for="application/json"',
  ],
  [
    'application/vnd.pgrst.plan+json; for="text/csv"; options=verbose|analyze',
    'explain json csv as application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|verbose',
  ],
  [
    'application/vnd.pgrst.plan; for="application/vnd.pgrst.object"',
    'explain text json object as application/vnd.pgrst.plan+text; for="application/vnd.pgrst.object+json"',
  ],
])('%s → %s', (accept, expected) => {
  expect(negotiate(accept)).toBe(expected);
});

test('a scalar stays one', () => {
  expect(negotiate('*/*', { shape: 'scalar' })).toBe('json scalar as application/json');
  expect(negotiate('*/*', { shape: 'scalar-array' })).toBe('json scalar-array as application/json');
  expect(negotiate('application/vnd.pgrst.object', { shape: 'scalar-array' })).toContain('json scalar as');
});

test.each([
  'text/plain',
  'application/octet-stream',
  'text/xml',
  'text/*',
  'application/vnd.pgrst.plan; for="text/plain"',
])('%s needs somebody who makes it', (accept) => {
  expect(() => negotiate(accept)).toThrow(RestFault);
});

test('what cannot be made is named as it was asked for', () => {
  expect(() =>
    negotiate('text/plain;charset=utf-8, application/vnd.pgrst.plan; options=analyze', {
      isPlanEnabled: false,
    }),
  ).toThrow(
    'None of these media types are available: text/plain, application/vnd.pgrst.plan+text; for="application/json"; options=analyze',
  );
});

test('handlers go from the near to the far', () => {
  const any = handler('*/*', films, 'any_of_films');
  const own = handler('text/html', films, 'html_of_films');
  const all = handler('text/html', null, 'html_of_all');
  const other = handler('text/html', { schema: 'api', name: 'people' }, 'html_of_people');
  expect(negotiate('text/html', { handlers: [other, all, own] })).toBe('handler html_of_films as text/html');
  expect(negotiate('text/html', { handlers: [other, all] })).toBe('handler html_of_all as text/html');
  expect(negotiate('text/html', { handlers: [all, own], isWhole: false })).toBe(
    'handler html_of_all as text/html',
  );
  expect(negotiate('image/png', { handlers: [own, any] })).toBe(
    'handler any_of_films as application/octet-stream',
  );
  expect(negotiate('text/html', { handlers: [own, any] })).toBe(
    'handler any_of_films as application/octet-stream',
  );
  expect(() => negotiate('text/html', { handlers: [other] })).toThrow('None of these');
});

test('handlers take the place of what is built in, but not of the own types', () => {
  const handlers = [
    handler('application/json', null, 'json_of_all'),
    handler('application/vnd.pgrst.object+json', null),
  ];
  expect(negotiate('application/json', { handlers })).toBe('handler json_of_all as application/json');
  expect(negotiate('*/*', { handlers })).toBe('json array as application/json');
  expect(negotiate('application/vnd.pgrst.object', { handlers })).toContain('json object');
});
