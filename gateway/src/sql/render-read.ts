import type { EmbedPlan, PlannedOrder, ReadPlan } from '../plan/plan.ts';
import { bareRead } from './bare-read.ts';
import { quoteColumn, quoteIdentifier, quoteQualified } from './quote.ts';
import { renderConditions } from './render-condition.ts';
import { renderField } from './render-field.ts';
import { isGrouped, isJoined, isOrderedBy, listOutputs, type Output, rowsOf } from './render-outputs.ts';
import type { Values } from './values.ts';

/** The name under which a script offers the rows of its mutation or call. */
export const SOURCE = 'pgrst_source';

/** A SELECT with one column for each key of the answer; embedded resources are JSON in it. */
export function renderRead(read: ReadPlan, into: Values): string {
  return renderSelect(read, into, { embed: null, parent: null, asJsonb: false });
}

/** A SELECT of all rows that match, whatever the limit and without columns: to be counted or explained. */
export function renderCount(read: ReadPlan, into: Values): string {
  return renderSelect(bareRead(read), into, { embed: null, parent: null, asJsonb: false });
}

interface Place {
  /** What the read is embedded as; `null`: it is the root. */
  readonly embed: EmbedPlan | null;
  readonly parent: ReadPlan | null;
  readonly asJsonb: boolean;
}

function renderSelect(read: ReadPlan, into: Values, place: Place): string {
  const grouped = isGrouped(read);
  const asJsonb = grouped || place.asJsonb;
  const outputs = listOutputs(read, into, asJsonb);
  const joined = read.embeds.filter((embed) => isJoined(embed, read));
  return [
    `SELECT ${listColumns(outputs, read, into, place).join(', ')}`.trimEnd(),
    `FROM ${renderFrom(read)}${renderJunction(place.embed)}`,
    ...joined.map((embed) => renderJoin(embed, read, into, asJsonb)),
    clause('WHERE', renderWhere(read, into, place.embed)),
    clause('GROUP BY', grouped ? groupKeys(outputs) : ''),
    clause('ORDER BY', read.order.map((term, at) => renderOrder(term, at, read, into)).join(', ')),
    read.range.limit === null ? '' : `LIMIT ${into.add(String(read.range.limit))}`,
    read.range.offset === 0 ? '' : `OFFSET ${into.add(String(read.range.offset))}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function clause(word: string, sql: string): string {
  return sql === '' ? '' : `${word} ${sql}`;
}

/** By position: the same expression written twice holds other parameters, so it would not be the same to Postgres. */
function groupKeys(outputs: readonly Output[]): string {
  return outputs.flatMap(({ isGroupKey }, index) => (isGroupKey ? [String(index + 1)] : [])).join(', ');
}

/**
 * What the parent orders by need not be shown: such columns stand beside the row, which then is JSON already, so that
 * they are no part of it.
 */
function listColumns(outputs: readonly Output[], read: ReadPlan, into: Values, place: Place): string[] {
  const columns = outputs.map(({ sql }) => sql);
  const { embed, parent } = place;
  if (embed === null || parent === null || !isOrderedBy(embed, parent)) return columns;
  const orders = parent.order.flatMap((term, at) =>
    term.embedAlias === read.alias && findShown(embed, term) === undefined
      ? [`${renderField(term.field, read.alias, into)} AS ${quoteIdentifier(orderName(at))}`]
      : [],
  );
  if (embed.isHidden) return ['1 AS "row"', ...orders];
  if (embed.kind === 'spread') return [...columns, ...orders];
  const row = `(SELECT row_to_json("r".*) FROM (SELECT ${columns.join(', ')}) AS "r") AS "row"`;
  return [row, ...orders];
}

/** The column of a spread that already is what the parent orders by; where rows are grouped, it must be that one. */
function findShown({ kind, read }: EmbedPlan, { field }: PlannedOrder): string | undefined {
  if (kind !== 'spread' || field.path.length > 0) return undefined;
  return read.select.find(
    (one) =>
      one.field.name === field.name &&
      one.field.path.length + (one.cast ?? '').length === 0 &&
      !one.field.transform,
  )?.name;
}

function orderName(at: number): string {
  return `o${at + 1}`;
}

function renderOrder(term: PlannedOrder, at: number, read: ReadPlan, into: Values): string {
  const embed = read.embeds.find((one) => one.read.alias === term.embedAlias);
  const value =
    embed === undefined
      ? renderField(term.field, read.alias, into)
      : quoteColumn(rowsOf(embed), findShown(embed, term) ?? orderName(at));
  const direction = term.direction === null ? '' : ` ${term.direction.toUpperCase()}`;
  return `${value}${direction}${term.nulls === null ? '' : ` NULLS ${term.nulls.toUpperCase()}`}`;
}

function renderFrom({ from, alias }: ReadPlan): string {
  switch (from.kind) {
    case 'table':
      return `${quoteQualified(from.table)} AS ${quoteIdentifier(alias)}`;
    case 'source':
      return `${quoteIdentifier(SOURCE)} AS ${quoteIdentifier(alias)}`;
    case 'computed':
      return `${quoteQualified(from.relationship.function)}(${renderRow(from)}) AS ${quoteIdentifier(alias)}`;
  }
}

/** The row that a computed relationship starts from. */
function renderRow(from: Extract<ReadPlan['from'], { kind: 'computed' }>): string {
  const { nearAlias, nearColumns, relationship } = from;
  if (nearColumns === null) return `${quoteIdentifier(nearAlias)}.*`;
  const values = nearColumns.map((column) => quoteColumn(nearAlias, column)).join(', ');
  return `ROW(${values})::${quoteQualified(relationship.near)}`;
}

function renderJunction(embed: EmbedPlan | null): string {
  if (embed?.junction === null || embed === null) return '';
  return ` CROSS JOIN ${quoteQualified(embed.junction.table)} AS ${quoteIdentifier(embed.junction.alias)}`;
}

function renderWhere(read: ReadPlan, into: Values, embed: EmbedPlan | null): string {
  const joins = (embed?.conditions ?? []).map(
    ({ nearAlias, nearColumn, farAlias, farColumn }) =>
      `${quoteColumn(nearAlias, nearColumn)} = ${quoteColumn(farAlias, farColumn)}`,
  );
  const required = read.embeds
    .filter((one) => one.join === 'inner' && !isJoined(one, read))
    .map((one) => `EXISTS (${renderEmbedded(one, read, into, false)})`);
  const conditions = renderConditions(read.where, read.alias, into, (alias) =>
    embedIsNull(alias, read, into),
  );
  return [...joins, ...required, conditions].filter((part) => part !== '').join(' AND ');
}

function embedIsNull(alias: string, parent: ReadPlan, into: Values): string {
  const embed = parent.embeds.find(({ read }) => read.alias === alias);
  if (embed === undefined) throw new Error(`The plan names an embedded resource that it lacks: ${alias}`);
  if (!isJoined(embed, parent)) return `NOT EXISTS (${renderEmbedded(embed, parent, into, false)})`;
  const rows = rowsOf(embed);
  if (!embed.isToOne) return `${quoteColumn(rows, 'rows')} IS NULL`;
  const hasRow = isOrderedBy(embed, parent) && (embed.isHidden || embed.kind === 'relation');
  // A row of nulls is a row, so IS NULL would say too much; without `.*` a column of that name would be meant.
  return hasRow
    ? `${quoteColumn(rows, 'row')} IS NULL`
    : `${quoteIdentifier(rows)}.* IS NOT DISTINCT FROM NULL`;
}

function renderEmbedded(embed: EmbedPlan, parent: ReadPlan, into: Values, asJsonb: boolean): string {
  return renderSelect(embed.read, into, { embed, parent, asJsonb: asJsonb && embed.kind === 'spread' });
}

function renderJoin(embed: EmbedPlan, parent: ReadPlan, into: Values, asJsonb: boolean): string {
  const rows = rowsOf(embed);
  const isInner = embed.join === 'inner';
  const inner = renderEmbedded(embed, parent, into, asJsonb);
  const lateral = embed.isToOne ? inner : `SELECT ${listGathered(embed)} FROM (${inner}) AS "r"`;
  const on = isInner && !embed.isToOne ? `${quoteColumn(rows, 'rows')} IS NOT NULL` : 'TRUE';
  return `${isInner ? 'INNER' : 'LEFT'} JOIN LATERAL (${lateral}) AS ${quoteIdentifier(rows)} ON ${on}`;
}

/** `rows` is null where there are none, so that conditions on the parent need not know the kind of embedding. */
function listGathered({ kind, lifts }: EmbedPlan): string {
  if (kind === 'relation') return 'json_agg("r".*) AS "rows"';
  const arrays = lifts
    .filter(({ from }) => from !== '*')
    .map(({ from }) => `json_agg(${quoteColumn('r', from)}) AS ${quoteIdentifier(from)}`);
  return ['nullif(count(*), 0) AS "rows"', ...arrays].join(', ');
}
