import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import type { Preferences } from './api-request.ts';

const RESOLUTIONS = {
  'ignore-duplicates': 'ignore-duplicates',
  'merge-duplicates': 'merge-duplicates',
} as const;
const REPRESENTATIONS = { representation: 'full', 'headers-only': 'headers-only', minimal: 'none' } as const;
const COUNTS = { estimated: 'estimated', exact: 'exact', planned: 'planned' } as const;
const TRANSACTIONS = { commit: 'commit', rollback: 'rollback' } as const;
const MISSING = { default: 'default', null: 'null' } as const;
const HANDLINGS = { lenient: 'lenient', strict: 'strict' } as const;

const MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  resolution: RESOLUTIONS,
  return: REPRESENTATIONS,
  count: COUNTS,
  tx: TRANSACTIONS,
  missing: MISSING,
  handling: HANDLINGS,
};

const INTEGER = /^-?\d+$/;

const NO_PREFERENCES: Preferences = {
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

/** Everything that was preferred, by name; of several the first counts. */
interface Collected {
  readonly values: Map<string, string>;
  readonly invalid: string[];
}

function collectOne(preference: string, { values, invalid }: Collected): void {
  const equals = preference.indexOf('=');
  const name = preference.slice(0, Math.max(0, equals));
  const value = preference.slice(equals + 1);
  const isFree = name === 'timezone' || name === 'max-affected';
  const meanings = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  if (!isFree && (meanings === undefined || !Object.hasOwn(meanings, value))) invalid.push(preference);
  else if (!values.has(name)) values.set(name, value);
}

function collect(header: string): Collected {
  const collected: Collected = { values: new Map(), invalid: [] };
  for (const part of header.split(',')) {
    const preference = part.trim();
    if (preference !== '') collectOne(preference, collected);
  }
  return collected;
}

function meaning<T extends object>(meanings: T, value: string | undefined): T[keyof T] | null {
  return value === undefined ? null : meanings[value as keyof T];
}

function parseMaxAffected(value: string | undefined): number | null {
  if (value === undefined || !INTEGER.test(value)) return null;
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

/** 400 PGRST122, for `handling=strict`. */
export function invalidPreferencesFault(invalid: readonly string[]): RestFault {
  return new RestFault(400, 'PGRST122', 'Invalid preferences given with handling=strict', {
    details: `Invalid preferences: ${invalid.join(', ')}`,
  });
}

/**
 * The `Prefer` header. `tx` counts only where the settings allow it. Whether a timezone exists is not known here:
 * see `checkTimezone`. Throws 400 PGRST122 when handling is strict and something is invalid.
 */
export function parsePreferences(header: string | undefined, settings: TenantSettings): Preferences {
  if (header === undefined) return NO_PREFERENCES;
  const { values, invalid } = collect(header);
  const handling = meaning(HANDLINGS, values.get('handling'));
  if (handling === 'strict' && invalid.length > 0) throw invalidPreferencesFault(invalid);
  const allowsTransaction = settings.dbTxEnd.endsWith('-allow-override');
  return {
    resolution: meaning(RESOLUTIONS, values.get('resolution')),
    representation: meaning(REPRESENTATIONS, values.get('return')),
    count: meaning(COUNTS, values.get('count')),
    transaction: allowsTransaction ? meaning(TRANSACTIONS, values.get('tx')) : null,
    missing: meaning(MISSING, values.get('missing')),
    handling,
    timezone: values.get('timezone') ?? null,
    maxAffected: parseMaxAffected(values.get('max-affected')),
    invalid,
  };
}

/**
 * The preferences with the timezone only if the database knows it. Throws 400 PGRST122 for an unknown one when
 * handling is strict.
 */
export function checkTimezone(preferences: Preferences, timezones: ReadonlySet<string>): Preferences {
  const { timezone, handling, invalid } = preferences;
  if (timezone === null || timezones.has(timezone)) return preferences;
  const preference = `timezone=${timezone}`;
  if (handling === 'strict') throw invalidPreferencesFault([preference]);
  return { ...preferences, timezone: null, invalid: [...invalid, preference] };
}
