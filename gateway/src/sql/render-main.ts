import type { TenantSettings } from '../config/settings.ts';
import type { BodyForm, Plan } from '../plan/plan.ts';
import { quoteIdentifier } from './quote.ts';
import { renderCall } from './render-call.ts';
import { ROWS, renderBody, SHOWN } from './render-main-body.ts';
import { renderLocation } from './render-main-location.ts';
import { INSERTED_SETTING, renderMutation } from './render-mutation.ts';
import { renderCount, renderRead, SOURCE } from './render-read.ts';
import type { Statement } from './statement.ts';
import { Values } from './values.ts';

/** The one statement that does what a request asks for, and returns a `ResultRow`; or explains it. */
export function renderMain(plan: Plan, settings: TenantSettings): Statement {
  const values = new Values();
  const ctes = [...listSources(plan, values), ...listShown(plan, values)];
  const columns = [
    `${renderTotal(plan, settings, values)} AS total`,
    'count(*)::int AS rows',
    `${renderBody(plan.body)} AS body`,
    `${renderLocationOf(plan, values)} AS location`,
    `${renderInserted(plan)} AS inserted`,
    // Last, when all functions have run that could set them.
    `nullif(current_setting('response.headers', true), '') AS "responseHeaders"`,
    `nullif(current_setting('response.status', true), '') AS "responseStatus"`,
  ];
  const rows = showsRead(plan) ? SHOWN : quoteIdentifier(SOURCE);
  const text = `WITH ${ctes.join(', ')} SELECT ${columns.join(', ')} FROM ${rows} AS ${ROWS}`;
  return { text: `${renderExplain(plan.body)}${text}`, values: values.list };
}

/** `EXPLAIN` of the rows of a table without their limit, for a count that need not be exact. */
export function renderCountPlan(plan: Plan): Statement | null {
  if (plan.kind !== 'read' || (plan.count !== 'planned' && plan.count !== 'estimated')) return null;
  const values = new Values();
  return { text: `EXPLAIN (FORMAT JSON) ${renderCount(plan.read, values)}`, values: values.list };
}

function listSources(plan: Plan, values: Values): readonly string[] {
  if (plan.kind === 'read') return [];
  const sql = plan.kind === 'call' ? renderCall(plan, values) : renderMutation(plan, values);
  return [`${quoteIdentifier(SOURCE)} AS (${sql})`];
}

function listShown(plan: Plan, values: Values): readonly string[] {
  return showsRead(plan) ? [`${SHOWN} AS (${renderRead(plan.read, values)})`] : [];
}

/** A mutation that shows nothing returns nothing that a read could stand on. */
function showsRead(plan: Plan): boolean {
  if (plan.kind === 'read' || plan.kind === 'call') return true;
  return shownForm(plan.body).kind !== 'none';
}

function shownForm(body: BodyForm): BodyForm {
  return body.kind === 'explain' ? body.of : body;
}

function renderTotal(plan: Plan, settings: TenantSettings, values: Values): string {
  const isEstimated = plan.count === 'estimated';
  const isCounted =
    plan.count === 'exact' || (isEstimated && (plan.kind === 'call' || settings.dbMaxRows !== null));
  if (!isCounted || (plan.kind !== 'read' && plan.kind !== 'call')) return 'NULL::float8';
  // One more than an answer may hold tells that an estimate has to do.
  const most = isEstimated && plan.kind === 'read' ? settings.dbMaxRows : null;
  const limit = most === null ? '' : ` LIMIT ${values.add(String(most + 1))}`;
  return `(SELECT count(*)::float8 FROM (${renderCount(plan.read, values)}${limit}) AS pgrst_all)`;
}

function renderLocationOf(plan: Plan, values: Values): string {
  if (plan.kind !== 'insert' || plan.primaryKey.length === 0) return 'NULL::text';
  return `CASE WHEN count(*) = 1 THEN ${renderLocation(plan.primaryKey, values)} END`;
}

function renderInserted(plan: Plan): string {
  const isCounted = plan.kind === 'insert' && plan.onConflict?.resolution === 'merge';
  return isCounted ? `nullif(current_setting('${INSERTED_SETTING}', true), '')::int` : 'NULL::int';
}

function renderExplain(body: BodyForm): string {
  if (body.kind !== 'explain') return '';
  const options = body.options.map((option) => option.toUpperCase());
  return `EXPLAIN (${[`FORMAT ${body.format.toUpperCase()}`, ...options].join(', ')}) `;
}
