import type { EmbedPlan, PlannedSelect, ReadPlan, SpreadLift } from '../plan/plan.ts';
import { rowsName } from '../plan/read-scope.ts';
import type { Aggregate } from '../request/api-request.ts';
import { quoteColumn, quoteIdentifier, quoteQualified } from './quote.ts';
import { renderField } from './render-field.ts';
import type { Values } from './values.ts';

/** One column of a SELECT. */
export interface Output {
  readonly sql: string;
  /** What the rows are grouped by, where they are. */
  readonly isGroupKey: boolean;
}

/** The rows of an embedded resource as its parent joins them. */
export function rowsOf(embed: EmbedPlan): string {
  return rowsName(embed.read.alias);
}

/** Where the rows are joined, and not only asked for with EXISTS: something of them is shown or ordered by. */
export function isJoined(embed: EmbedPlan, parent: ReadPlan): boolean {
  return !embed.isHidden || isOrderedBy(embed, parent);
}

export function isOrderedBy(embed: EmbedPlan, parent: ReadPlan): boolean {
  return parent.order.some(({ embedAlias }) => embedAlias === embed.read.alias);
}

export function isGrouped(read: ReadPlan): boolean {
  return (
    read.select.some(({ aggregate }) => aggregate !== null) ||
    read.embeds.some(({ lifts }) => lifts.some(({ aggregate }) => aggregate !== null))
  );
}

/**
 * The columns of a read: its fields, then what is embedded in it.
 * @param asJsonb JSON that we build must have an equality, since it is grouped by here or further up.
 */
export function listOutputs(read: ReadPlan, into: Values, asJsonb: boolean): Output[] {
  const fields = read.select.map((selected) => fieldOutput(selected, read.alias, into));
  const embeds = read.embeds
    .filter(({ isHidden }) => !isHidden)
    .flatMap((embed) =>
      embed.kind === 'spread'
        ? embed.lifts.map((lift) => liftOutput(lift, embed, asJsonb))
        : [relationOutput(embed, read, asJsonb)],
    );
  return [...fields, ...embeds];
}

function fieldOutput(selected: PlannedSelect, alias: string, into: Values): Output {
  const { field, cast, aggregate, name } = selected;
  if (field.isRow && name === '*' && aggregate === null) {
    return { sql: `${quoteIdentifier(alias)}.*`, isGroupKey: false };
  }
  const value = castTo(cast, fieldValue(selected, alias, into));
  return named(applyAggregate(selected, value), name, aggregate === null);
}

/** `*` under another name stands for the row itself: anything that is not null. */
function fieldValue({ field, aggregate }: PlannedSelect, alias: string, into: Values): string {
  if (field.isRow) return aggregate === null ? '1' : '*';
  const value = renderField(field, alias, into);
  return field.transform === null ? value : `${quoteQualified(field.transform)}(${value})`;
}

interface Aggregated {
  readonly aggregate: Aggregate | null;
  readonly aggregateCast: string | null;
}

function applyAggregate({ aggregate, aggregateCast }: Aggregated, value: string): string {
  return aggregate === null ? value : castTo(aggregateCast, `${aggregate}(${value})`);
}

function castTo(type: string | null, value: string): string {
  return type === null ? value : `CAST(${value} AS ${type})`;
}

function named(sql: string, name: string, isGroupKey: boolean): Output {
  return { sql: `${sql} AS ${quoteIdentifier(name)}`, isGroupKey };
}

function liftOutput(lift: SpreadLift, embed: EmbedPlan, asJsonb: boolean): Output {
  const rows = rowsOf(embed);
  if (lift.from === '*') return { sql: `${quoteIdentifier(rows)}.*`, isGroupKey: false };
  const value = quoteColumn(rows, lift.from);
  if (!embed.isToOne) return named(orEmpty(value, asJsonb), lift.name, true);
  return named(applyAggregate(lift, value), lift.name, lift.aggregate === null);
}

function relationOutput(embed: EmbedPlan, parent: ReadPlan, asJsonb: boolean): Output {
  const rows = rowsOf(embed);
  return named(relationValue(embed, parent, rows, asJsonb), embed.name, true);
}

function relationValue(embed: EmbedPlan, parent: ReadPlan, rows: string, asJsonb: boolean): string {
  if (!embed.isToOne) return orEmpty(quoteColumn(rows, 'rows'), asJsonb);
  if (isOrderedBy(embed, parent)) return `${quoteColumn(rows, 'row')}${asJsonb ? '::jsonb' : ''}`;
  return `${asJsonb ? 'to_jsonb' : 'row_to_json'}(${quoteIdentifier(rows)}.*)`;
}

function orEmpty(array: string, asJsonb: boolean): string {
  return `coalesce(${array}, '[]')${asJsonb ? '::jsonb' : ''}`;
}
