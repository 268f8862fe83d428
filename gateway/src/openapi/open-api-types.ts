/** The part of OpenAPI 2.0 that we write. https://spec.openapis.org/oas/v2.0 */

export type JsonType = 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string';

export interface Reference {
  readonly $ref: string;
}

export interface Schema {
  readonly type?: JsonType;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly items?: Reference | Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export interface Parameter extends Omit<Schema, 'properties' | 'required'> {
  readonly name: string;
  readonly in: 'body' | 'header' | 'query';
  readonly required: boolean;
  readonly schema?: Reference | Schema;
  readonly collectionFormat?: 'multi';
}

export interface Operation {
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly produces?: readonly string[];
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: Schema }>>;
}

export type PathItem = Readonly<Partial<Record<'delete' | 'get' | 'patch' | 'post', Operation>>>;

export type Named<T> = readonly [name: string, value: T];

/** A field that is left out when there is nothing to say. */
export function optional<K extends string, T>(name: K, value: T | null | undefined): { [key in K]?: T } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [key in K]?: T };
}

/** A comment's first line sums up; the rest describes. */
export function summaryOf(comment: string | null): { summary?: string; description?: string } {
  if (comment === null) {
    return {};
  }
  const end = comment.indexOf('\n');
  const summary = end === -1 ? comment : comment.slice(0, end);
  const rest = end === -1 ? '' : comment.slice(end).replace(/^\n+/, '');
  return { summary, ...optional('description', rest === '' ? null : rest) };
}
