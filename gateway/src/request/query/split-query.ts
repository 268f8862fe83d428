import { percentDecode } from '../percent-decode.ts';

/** A parameter; `null`: it came without `=`. */
export type Parameter = readonly [name: string, value: string | null];

const PLUS = /\+/g;
const SEPARATORS = /[&;]/;
/** What `encodeURIComponent` leaves although it is no unreserved character. */
const UNENCODED = /[!'()*]/g;

const UNRESERVED = /^[\w.~-]*$/;

function decode(text: string): string {
  return percentDecode(text.includes('+') ? text.replace(PLUS, ' ') : text);
}

/** Parameters of a query string or of a form, in their order: separated by `&` or `;`, `+` is a space. */
export function splitQuery(query: string): Parameter[] {
  const parameters: Parameter[] = [];
  for (const part of query.split(SEPARATORS)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    parameters.push(
      equals < 0 ? [decode(part), null] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))],
    );
  }
  return parameters;
}

function encode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    UNENCODED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Sorted by name and encoded again. */
export function canonicalQuery(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted(([one], [other]) => compare(one, other))
    .map(([name, value]) => `${encode(name)}=${encode(value ?? '')}`)
    .join('&');
}
