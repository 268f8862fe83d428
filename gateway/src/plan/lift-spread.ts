import type { EmbedPlan, PlannedSelect, ReadPlan, SpreadLift } from './plan.ts';

/**
 * Makes a read ready to be spread: its fields get names of their own, under which the parent finds them, and its
 * aggregates go up to the parent, whose rows they count.
 */
export function liftSpread(read: ReadPlan): {
  readonly read: ReadPlan;
  readonly lifts: readonly SpreadLift[];
} {
  const lifts: SpreadLift[] = [];
  const lift = (name: string, more: Partial<SpreadLift> = {}): string => {
    const from = `s${lifts.length + 1}`;
    lifts.push({ from, name, aggregate: null, aggregateCast: null, ...more });
    return from;
  };
  const select = read.select.map((selected) => liftSelect(selected, lift));
  const embeds = read.embeds.map((embed) => liftEmbed(embed, lift));
  return { read: { ...read, select, embeds }, lifts };
}

type Lift = (name: string, more?: Partial<SpreadLift>) => string;

function liftSelect(selected: PlannedSelect, lift: Lift): PlannedSelect {
  const { name, aggregate, aggregateCast } = selected;
  // Columns that nobody knows keep their names.
  if (selected.field.isRow && aggregate === null) {
    lift(name, { from: '*' });
    return selected;
  }
  return {
    ...selected,
    name: lift(name, { aggregate, aggregateCast }),
    aggregate: null,
    aggregateCast: null,
  };
}

function liftEmbed(embed: EmbedPlan, lift: Lift): EmbedPlan {
  if (embed.isHidden) return embed;
  if (embed.kind === 'relation') return { ...embed, name: lift(embed.name) };
  const lifts = embed.lifts.map((one): SpreadLift => {
    const { from, name, aggregate, aggregateCast } = one;
    if (from === '*') return one;
    return { from, name: lift(name, { aggregate, aggregateCast }), aggregate: null, aggregateCast: null };
  });
  return { ...embed, lifts };
}
