import { describe, expect, test } from 'vitest';
import { RestFault } from '../fault.ts';
import { parseAccept, parseContentType } from './parse-media-types.ts';
import { checkTimezone, parsePreferences } from './parse-preferences.ts';
import { tenantSettings } from './test-requests.ts';

const settings = tenantSettings({ dbTxEnd: 'commit-allow-override' });
const none = {
  resolution: null,
  representation: null,
  count: null,
  transaction: null,
  missing: null,
  handling: null,
  timezone: null,
  maxAffected: null,
  invalid: [],
};

describe('preferences', () => {
  test('are read from one or several headers, the first of each counts', () => {
    expect(parsePreferences(undefined, settings)).toEqual(none);
    expect(
      parsePreferences(
        'resolution=merge-duplicates,  return=minimal ,count=planned, tx=rollback, tx=commit, missing=default, ' +
          'handling=lenient, timezone=Europe/Berlin, max-affected=5, anything, count=none',
        settings,
      ),
    ).toEqual({
      resolution: 'merge-duplicates',
      representation: 'none',
      count: 'planned',
      transaction: 'rollback',
      missing: 'default',
      handling: 'lenient',
      timezone: 'Europe/Berlin',
      maxAffected: 5,
      invalid: ['anything', 'count=none'],
    });
    expect(parsePreferences('return=representation', settings).representation).toBe('full');
    expect(parsePreferences('return=headers-only', settings).representation).toBe('headers-only');
  });

  test('tx counts only where it is allowed, and is never invalid', () => {
    expect(parsePreferences('handling=strict, tx=rollback', tenantSettings()).transaction).toBeNull();
  });

  test('strict handling refuses what is invalid', () => {
    const fault = new RestFault(400, 'PGRST122', 'Invalid preferences given with handling=strict', {
      details: 'Invalid preferences: something, params=single-object',
    });
    expect(() => parsePreferences('handling=strict, something, params=single-object', settings)).toThrow(
      fault,
    );
  });

  test('a number that is none does not limit', () => {
    expect(parsePreferences('handling=strict, max-affected=x', settings).maxAffected).toBeNull();
  });

  test('a timezone must be known', () => {
    const strict = parsePreferences('handling=strict, timezone=Mars/Base', settings);
    expect(() => checkTimezone(strict, new Set(['UTC']))).toThrow('Invalid preferences given');
    const lenient = parsePreferences('timezone=Mars/Base', settings);
    expect(checkTimezone(lenient, new Set(['UTC']))).toEqual({ ...none, invalid: ['timezone=Mars/Base'] });
    expect(checkTimezone(lenient, new Set(['Mars/Base'])).timezone).toBe('Mars/Base');
  });
});

describe('media types', () => {
  const types = (header: string): string[] => parseAccept(header).map(({ type }) => type);

  test('are anything, or JSON for a body, when absent', () => {
    expect(parseAccept(undefined)).toEqual([{ type: '*/*', parameters: {} }]);
    expect(parseAccept(' , ')).toEqual([{ type: '*/*', parameters: {} }]);
    expect(parseContentType(undefined)).toEqual({ type: 'application/json', parameters: {} });
  });

  test('are ordered by quality, then by how exact they are', () => {
    expect(types('text/*;q=0.5, */*;q=0.1, text/csv; q=0.9, application/json')).toEqual([
      'application/json',
      'text/csv',
      'text/*',
      '*/*',
    ]);
    expect(types('*/*, text/html, application/xml;a=b')).toEqual(['application/xml', 'text/html', '*/*']);
  });

  test('keep parameters, also with marks in quotes', () => {
    expect(
      parseAccept(
        'Application/vnd.pgrst.plan+JSON; For="a/b;nulls=stripped,x"; options=analyze|verbose;q=0.3;z=1',
      ),
    ).toEqual([
      {
        type: 'application/vnd.pgrst.plan+json',
        parameters: { for: 'a/b;nulls=stripped,x', options: 'analyze|verbose' },
      },
    ]);
  });

  test('have one name each', () => {
    expect(types('application/vnd.pgrst.plan')).toEqual(['application/vnd.pgrst.plan+text']);
    expect(types('application/vnd.pgrst.object')).toEqual(['application/vnd.pgrst.object+json']);
    expect(types('application/vnd.pgrst.array')).toEqual(['application/json']);
    expect(parseAccept('application/vnd.pgrst.array;nulls=stripped')).toEqual([
      { type: 'application/vnd.pgrst.array+json', parameters: { nulls: 'stripped' } },
    ]);
  });
});
