import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

export type Part = 'params' | 'query' | 'body';

/** One field that breaks its schema, in no contract's words yet. */
export interface FieldFault {
  readonly part: Part;
  /** `null` when the whole part is not an object. */
  readonly field: string | null;
  /** `required`, or the JSON Schema keyword that failed: `type`, `minLength`, `format`, `anyOf` … */
  readonly rule: string;
  readonly limit: number | null;
  readonly value: unknown;
}

/** All fields of one part that break their schema, in the schema's order. */
export type FieldCheck = (value: unknown) => FieldFault[];

interface ObjectSchema {
  readonly properties?: Record<string, TSchema>;
  readonly required?: readonly string[];
}

/** Compiles the check of one part of a request. Each field is judged by itself, so that none hides another. */
export function fieldCheck(part: Part, schema: TSchema): FieldCheck {
  const { properties = {}, required = [] } = schema as ObjectSchema;
  const checks = Object.entries(properties).map(([field, property]) => {
    const validator = Compile(property);
    return { field, isRequired: required.includes(field), validator };
  });
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [{ part, field: null, rule: 'type', limit: null, value }];
    }
    const fields = value as Record<string, unknown>;
    return checks.flatMap(({ field, isRequired, validator }): FieldFault[] => {
      const given = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (given === undefined)
        return isRequired ? [{ part, field, rule: 'required', limit: null, value }] : [];
      if (validator.Check(given)) return [];
      // A union ends with its own error; the ones of its members say nothing to people.
      const error = validator.Errors(given).at(-1);
      const limit = (error?.params as { limit?: number } | undefined)?.limit ?? null;
      return [{ part, field, rule: error?.keyword ?? 'type', limit, value: given }];
    });
  };
}
