import type { EmbedPlan, PlannedCondition, ReadPlan } from '../plan/plan.ts';
import { isGrouped } from './render-outputs.ts';

/**
 * The same rows of the root without its limit, its order and all that is only shown: what a count needs. Embedded
 * resources stay where they decide which rows there are.
 */
export function bareRead(read: ReadPlan): ReadPlan {
  return { ...bare(read), order: [], range: { limit: null, offset: 0 } };
}

function bare(read: ReadPlan): ReadPlan {
  // The rows are groups, so what they are grouped by decides how many there are.
  if (isGrouped(read)) return read;
  const asked = new Set(read.where.flatMap(listEmbeds));
  const embeds = read.embeds.filter((embed) => embed.join === 'inner' || asked.has(embed.read.alias));
  return { ...read, select: [], order: [], embeds: embeds.map(bareEmbed) };
}

/** The limit of an embedded resource stays: `limit=0` leaves no rows. */
function bareEmbed(embed: EmbedPlan): EmbedPlan {
  if (isGrouped(embed.read)) return embed;
  return { ...embed, isHidden: true, lifts: [], read: bare(embed.read) };
}

function listEmbeds(condition: PlannedCondition): string[] {
  switch (condition.kind) {
    case 'embed-null':
      return [condition.embedAlias];
    case 'group':
      return condition.children.flatMap(listEmbeds);
    case 'filter':
      return [];
  }
}
