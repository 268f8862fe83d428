/**
 * The name that somebody probably meant: by shared letter groups, then by edit distance. The numbers (groups of three
 * and two letters, at least a third alike) are those of the fuzzy sets that PostgREST asks for its hints.
 */
const GROUP_SIZES = [3, 2];
const LEAST_SCORE = 0.33;
const MOST_CANDIDATES = 50;

export interface ScoredName {
  readonly name: string;
  /** 1: the same but for case. */
  readonly score: number;
}

export function findClosestName(wanted: string, names: Iterable<string>): string | undefined {
  return listCloseNames(wanted, names)[0]?.name;
}

/** Best first; all of the best edit distance, none that is hardly alike. */
export function listCloseNames(wanted: string, names: Iterable<string>): ScoredName[] {
  const distinct = [...new Set(names)];
  for (const size of GROUP_SIZES) {
    const found = scoreBy(size, wanted, distinct);
    if (found.length > 0) return found;
  }
  return [];
}

function scoreBy(size: number, wanted: string, names: readonly string[]): ScoredName[] {
  const near = groupsOf(wanted, size);
  const alike = names
    .map((name) => ({ name, score: cosine(near, groupsOf(name, size)) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_CANDIDATES)
    .map(({ name }) => ({ name, score: likeness(wanted.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => other.score - one.score);
  const best = alike[0]?.score ?? 0;
  return alike.filter(({ score }) => score === best && score >= LEAST_SCORE);
}

function groupsOf(text: string, size: number): Map<string, number> {
  const padded = `-${text.toLowerCase().replaceAll(/[^\p{L}\p{N}_ ,]+/gu, '')}-`.padEnd(size, '-');
  const groups = new Map<string, number>();
  for (let start = 0; start + size <= padded.length; start += 1) {
    const group = padded.slice(start, start + size);
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return groups;
}

function cosine(one: Map<string, number>, other: Map<string, number>): number {
  let product = 0;
  for (const [group, count] of one) product += count * (other.get(group) ?? 0);
  return product === 0 ? 0 : product / (lengthOf(one) * lengthOf(other));
}

function lengthOf(groups: Map<string, number>): number {
  return Math.sqrt([...groups.values()].reduce((sum, count) => sum + count * count, 0));
}

function likeness(one: string, other: string): number {
  return 1 - editDistance(one, other) / Math.max(one.length, other.length, 1);
}

/** Insertions, deletions and replacements that turn one into the other (Levenshtein). */
export function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
