import { type Static, type TSchema, Type } from 'typebox';

export const Uuid = Type.String({ format: 'uuid' });

/** RFC 3339, UTC, ending in `Z`. */
export const Timestamp = Type.String({ format: 'date-time' });

/** A scalar or null, as a list of types: serialisers handle that at full speed, unlike a union of schemas. */
export function Nullable<T extends TSchema & { type: string }>(schema: T) {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** The same error body for each of these statuses. */
export function errors<S extends number, T extends TSchema>(statuses: readonly S[], body: T): Record<S, T> {
  return Object.fromEntries(statuses.map((status) => [status, body])) as Record<S, T>;
}
