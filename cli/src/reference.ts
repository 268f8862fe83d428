import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { printable } from './output/printable.ts';

/** How the things of one kind are called on the command line. */
export interface Naming<T> {
  readonly kind: string;
  readonly id: (item: T) => string;
  readonly name: (item: T) => string;
}

/** The only item whose name or id is exactly `reference`; faults with exit code 4 for none and for several. */
export function getByReference<T>(naming: Naming<T>, items: readonly T[], reference: string): T {
  const [found, another] = items.filter(
    (item) => naming.name(item) === reference || naming.id(item) === reference,
  );
  if (found === undefined) throw notFound(naming, items, reference);
  if (another !== undefined) {
    throw new Failure(
      exitCodes.notFound,
      `several ${naming.kind}s are called '${reference}'. Name one by its id.`,
    );
  }
  return found;
}

function notFound<T>(naming: Naming<T>, items: readonly T[], reference: string): Failure {
  const similar = similarNames(reference, [...new Set(items.map(naming.name))]).map(
    (name) => `'${printable(name)}'`,
  );
  const hint = similar.length === 0 ? '' : ` Did you mean ${similar.join(' or ')}?`;
  return new Failure(exitCodes.notFound, `there is no ${naming.kind} '${reference}'.${hint}`);
}

const shownNames = 3;

/** The names nearest to what was typed, best first: a few letters apart, or one inside the other. */
export function similarNames(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  const allowed = wanted.length < 4 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, distance: distanceBetween(wanted, name.toLowerCase(), allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((left, right) => left.distance - right.distance || left.name.localeCompare(right.name))
    .slice(0, shownNames)
    .map(({ name }) => name);
}

function distanceBetween(wanted: string, name: string, allowed: number): number {
  const distance = editDistance(wanted, name);
  const shorter = Math.min(wanted.length, name.length);
  const isPart = shorter >= 3 && (name.includes(wanted) || wanted.includes(name));
  return isPart ? Math.min(distance, allowed) : distance;
}

/** Levenshtein: insertions, deletions and replacements of one letter. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...left].entries()) {
    const next = [i + 1];
    for (let j = 0; j < right.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === right[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
