import type { Table } from '../schema/schema-cache.ts';
import type { PlannedCondition, PlannedField, PlannedSelect, ReadPlan } from './plan.ts';

const STAR = '*';

/**
 * The rows behind a read, and the read itself, told apart: what the rows must have, so that its fields, filters, order
 * and embeds find theirs. `*` stands for all columns; beside it only computed fields are named, and then the read names
 * its columns one by one, since `*` would show those too.
 */
export function splitSource(read: ReadPlan, table: Table | null): { read: ReadPlan; returning: string[] } {
  // RETURNING must name something, and there is nothing to show.
  if (table?.columns.size === 0) return { read: { ...read, select: [] }, returning: [] };
  const names = fieldsOf(read).map(({ name }) => name);
  // A function of the row needs all of it.
  const hasComputed = read.embeds.some((embed) => embed.read.from.kind === 'computed');
  if (!hasComputed && !names.includes(STAR)) {
    return { read, returning: [...new Set([...names, ...listKeys(read)])] };
  }
  const computed = table === null ? [] : names.filter((name) => name !== STAR && !table.columns.has(name));
  const returning = [...new Set([STAR, ...computed])];
  if (table === null || returning.length === 1) return { read, returning };
  return { read: { ...read, select: read.select.flatMap((one) => nameColumns(one, table)) }, returning };
}

function fieldsOf(read: ReadPlan): readonly PlannedField[] {
  return [
    ...read.select.map(({ field }) => field),
    ...read.order.filter(({ embedAlias }) => embedAlias === null).map(({ field }) => field),
    ...read.where.flatMap(fieldsOfCondition),
  ];
}

function fieldsOfCondition(condition: PlannedCondition): readonly PlannedField[] {
  switch (condition.kind) {
    case 'group':
      return condition.children.flatMap(fieldsOfCondition);
    case 'filter':
      return [condition.field];
    case 'embed-null':
      return [];
  }
}

/** Columns by which embedded resources are found. */
function listKeys(read: ReadPlan): readonly string[] {
  const joins = read.embeds.flatMap(({ conditions }) => conditions);
  return joins.flatMap(({ nearAlias, nearColumn, farAlias, farColumn }) => [
    ...(nearAlias === read.alias ? [nearColumn] : []),
    ...(farAlias === read.alias ? [farColumn] : []),
  ]);
}

function nameColumns(selected: PlannedSelect, table: Table): readonly PlannedSelect[] {
  if (selected.field.name !== STAR || selected.aggregate !== null) return [selected];
  return [...table.columns.values()].map(({ name, type }) => ({
    ...selected,
    name,
    field: { name, path: [], type, needsToJson: false, transform: null },
  }));
}
