import type { MediaType } from './api-request.ts';

const ANY: MediaType = { type: '*/*', parameters: {} };
const JSON_TYPE: MediaType = { type: 'application/json', parameters: {} };
const QUALITY = /^\d+(?:\.\d+)?/;

/** Short names of our own types. */
const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['application/vnd.pgrst.array', 'application/vnd.pgrst.array+json'],
  ['application/vnd.pgrst.object', 'application/vnd.pgrst.object+json'],
  ['application/vnd.pgrst.plan', 'application/vnd.pgrst.plan+text'],
]);

/** Splits at a mark that is not in double quotes. */
function splitOutsideQuotes(text: string, mark: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === mark && !isQuoted) {
      parts.push(text.slice(from, index));
      from = index + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function unquoted(value: string): string {
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return isQuoted ? value.slice(1, -1) : value;
}

interface Ranked {
  readonly mediaType: MediaType;
  readonly quality: number;
  readonly specificity: number;
}

function countStars(type: string): number {
  return type.split('*').length - 1;
}

/** A type with its parameters; what follows `q` belongs to `Accept`, not to the type. */
function parseRanked(text: string): Ranked {
  const [name = '', ...rest] = splitOutsideQuotes(text, ';');
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest) {
    const equals = part.indexOf('=');
    const key = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? '' : unquoted(part.slice(equals + 1).trim());
    if (key === 'q') {
      quality = Number(QUALITY.exec(value)?.[0] ?? 1);
      break;
    }
    if (key !== '') parameters.set(key, value);
  }
  const type = name.trim().toLowerCase();
  const specificity = parameters.size - countStars(type);
  return { mediaType: canonical(type, Object.fromEntries(parameters)), quality, specificity };
}

/** An array whose nulls are not stripped is plain JSON. */
function canonical(shortType: string, parameters: Readonly<Record<string, string>>): MediaType {
  const type = LONG_NAMES.get(shortType) ?? shortType;
  const isPlainArray = type === 'application/vnd.pgrst.array+json' && parameters.nulls !== 'stripped';
  return isPlainArray ? JSON_TYPE : { type, parameters };
}

/**
 * One media type: lower case; `application/vnd.pgrst.{object,array}` as `…+json`, `application/vnd.pgrst.plan` as
 * `…+text`; an `array` that does not strip nulls as `application/json`.
 */
export function parseMediaType(text: string): MediaType {
  return parseRanked(text).mediaType;
}

/** The `Accept` header, best first: by quality, then by parameters and wildcards, then as they came. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  if (header === undefined) return [ANY];
  const ranked = splitOutsideQuotes(header, ',')
    .filter((part) => part.trim() !== '')
    .map(parseRanked)
    .sort((one, other) => other.quality - one.quality || other.specificity - one.specificity);
  return ranked.length === 0 ? [ANY] : ranked.map(({ mediaType }) => mediaType);
}

/** The `Content-Type` header; JSON where there is none. */
export function parseContentType(header: string | undefined): MediaType {
  return header === undefined ? JSON_TYPE : parseMediaType(header);
}
