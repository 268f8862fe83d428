import type { PlannedField } from '../plan/plan.ts';
import type { PathStep } from '../request/api-request.ts';
import { quoteColumn } from './quote.ts';
import type { Values } from './values.ts';

/** The value of a field of the rows called `alias`: `("works"."details"->$1)`. */
export function renderField(field: PlannedField, alias: string, into: Values): string {
  const column = quoteColumn(alias, field.name);
  if (field.path.length === 0) return column;
  const start = field.needsToJson ? `to_jsonb(${column})` : column;
  return `(${start}${field.path.map((step) => renderStep(step, into)).join('')})`;
}

/** Keys and indexes come from the request, so they are parameters as well. */
function renderStep({ arrow, operand, isIndex }: PathStep, into: Values): string {
  return `${arrow}${into.addShared(operand, isIndex ? 'int4' : null)}`;
}
