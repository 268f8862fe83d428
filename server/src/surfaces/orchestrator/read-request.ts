import { Fault } from '../../kernel/fault.ts';
import type { RawParts } from '../kit/surface.ts';
import type { Field } from './field.ts';
import {
  type FieldEntry,
  MISSING_BODY,
  missingField,
  notAnObject,
  type Place,
  refusedField,
} from './field-entry.ts';

export type Fields = Readonly<Record<string, Field<unknown>>>;
/** The fields of each part of a request, in the order in which their faults are listed. */
export type RequestFields = Readonly<Partial<Record<Place, Fields>>>;

type Values<F> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };
export type RequestValues<R extends RequestFields> = { readonly [Part in keyof R]: Values<R[Part]> };

/**
 * Reads a request. Fault: `request.fields`; its `entries` list everything that is wrong with path, query and body, in
 * this order.
 */
export function readRequest<const R extends RequestFields>(raw: RawParts, fields: R): RequestValues<R> {
  const reader = new Reader();
  const values = {
    ...(fields.path && { path: reader.read('path', raw.params, fields.path) }),
    ...(fields.query && { query: reader.read('query', lastOfEach(raw.query), fields.query) }),
    ...(fields.body && { body: reader.readBody(raw.body, fields.body) }),
  };
  if (reader.entries.length > 0) {
    throw new Fault('request.fields', 'the request has faults', { entries: reader.entries });
  }
  return values as RequestValues<R>;
}

type Whole = Readonly<Record<string, unknown>>;

/** Collects entries while it reads; its values mean something only where there are none. */
class Reader {
  readonly entries: FieldEntry[] = [];

  read(place: Place, whole: Whole, fields: Fields): Whole {
    const read = Object.entries(fields).map(([name, field]) => [
      name,
      this.#field(place, name, whole, field),
    ]);
    return Object.fromEntries(read);
  }

  readBody(body: unknown, fields: Fields): Whole {
    if (isObject(body)) return this.read('body', body, fields);
    this.entries.push(body === undefined || body === null ? MISSING_BODY : notAnObject(body));
    return {};
  }

  #field(place: Place, name: string, whole: Whole, field: Field<unknown>): unknown {
    const given = Object.hasOwn(whole, name) ? whole[name] : undefined;
    if (given === undefined) {
      if (!field.absent) this.entries.push(missingField(place, name, whole));
      return field.absent?.value;
    }
    const parsed = field.parse(given);
    if ('value' in parsed) return parsed.value;
    this.entries.push(refusedField(place, name, given, parsed.refusal));
    return undefined;
  }
}

/** Of a parameter that is given twice, the last counts. */
function lastOfEach(query: Whole): Whole {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat().at(-1)]));
}

function isObject(value: unknown): value is Whole {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
