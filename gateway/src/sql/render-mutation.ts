import type { DeletePlan, InsertPlan, MutationPlan, UpdatePlan } from '../plan/plan.ts';
import { quoteColumn, quoteIdentifier, quoteQualified } from './quote.ts';
import { renderConditions } from './render-condition.ts';
import { renderPayloadRows } from './render-mutation-payload.ts';
import type { Values } from './values.ts';

/** Counts the rows that an upsert inserts; the main statement reads it at its end. */
export const INSERTED_SETTING = 'pgrst.inserted';

const BODY = 'pgrst_body';

/** The statement that changes rows and returns what is needed of them. */
export function renderMutation(plan: MutationPlan, values: Values): string {
  switch (plan.kind) {
    case 'delete':
      return renderDelete(plan, values);
    case 'insert':
      return renderInsert(plan, values);
    case 'update':
      return renderUpdate(plan, values);
  }
}

function renderInsert(plan: InsertPlan, values: Values): string {
  const columns = plan.columns.map(({ name }) => quoteIdentifier(name));
  const into = `INSERT INTO ${renderTarget(plan)}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}`;
  return [into, renderRows(plan, values), renderConflict(plan), renderReturning(plan)].join(' ');
}

function renderRows(plan: InsertPlan, values: Values): string {
  const rows = renderPayloadRows(plan, values);
  const isCounted = plan.onConflict?.resolution === 'merge';
  if (!isCounted && plan.where.length === 0) return rows;
  const columns = plan.columns.map(({ name }) => quoteColumn(BODY, name)).join(', ');
  const conditions = renderConditions(plan.where, BODY, values) || 'true';
  // In CASE, so that a row is counted only after it passed.
  const kept = isCounted ? `CASE WHEN ${conditions} THEN ${countInserted('+')} ELSE false END` : conditions;
  return `SELECT ${columns} FROM (${rows}) AS ${BODY} WHERE ${kept}`;
}

/** Every row is counted as inserted before it meets a conflict, and taken back when it meets one. */
function renderConflict({ onConflict, columns }: InsertPlan): string {
  if (onConflict === null) return '';
  const target = `ON CONFLICT (${onConflict.columns.map((name) => quoteIdentifier(name)).join(', ')})`;
  if (onConflict.resolution === 'ignore' || columns.length === 0) return `${target} DO NOTHING`;
  const assignments = columns.map(
    ({ name }) => `${quoteIdentifier(name)} = EXCLUDED.${quoteIdentifier(name)}`,
  );
  return `${target} DO UPDATE SET ${assignments.join(', ')} WHERE ${countInserted('-')}`;
}

/** Always true. */
function countInserted(sign: '+' | '-'): string {
  const count = `coalesce(nullif(current_setting('${INSERTED_SETTING}', true), ''), '0')::bigint`;
  return `set_config('${INSERTED_SETTING}', (${count} ${sign} 1)::text, true) <> ''`;
}

function renderUpdate(plan: UpdatePlan, values: Values): string {
  const { columns, table } = plan;
  // An empty SET is no SQL, and nothing would change.
  if (columns.length === 0) {
    return `SELECT ${listReturning(plan)} FROM ${renderTarget(plan)} WHERE false`;
  }
  const assignments = columns.map(({ name }) => `${quoteIdentifier(name)} = ${quoteColumn(BODY, name)}`);
  const rows = `(${renderPayloadRows(plan, values)} LIMIT 1) AS ${BODY}`;
  const where = renderWhere(renderConditions(plan.where, table.name, values));
  return `UPDATE ${renderTarget(plan)} SET ${assignments.join(', ')} FROM ${rows}${where} ${renderReturning(plan)}`;
}

function renderDelete(plan: DeletePlan, values: Values): string {
  const where = renderWhere(renderConditions(plan.where, plan.table.name, values));
  return `DELETE FROM ${renderTarget(plan)}${where} ${renderReturning(plan)}`;
}

/** Under its own name, so that errors of Postgres name columns as requests do. */
function renderTarget({ table }: MutationPlan): string {
  return `${quoteQualified(table)} AS ${quoteIdentifier(table.name)}`;
}

function renderWhere(conditions: string): string {
  return conditions === '' ? '' : ` WHERE ${conditions}`;
}

function renderReturning(plan: MutationPlan): string {
  return `RETURNING ${listReturning(plan)}`;
}

function listReturning({ table, returning }: MutationPlan): string {
  const alias = table.name;
  const columns = returning.map((name) =>
    name === '*' ? `${quoteIdentifier(alias)}.*` : quoteColumn(alias, name),
  );
  return columns.join(', ') || '1';
}
