/**
 * Why a text was refused, at the place that was reached last. Clients show these texts, so they are built as
 * PostgREST builds them: what stands there, and everything that could have stood there.
 */
export interface Refusal {
  readonly at: number;
  readonly expected: readonly string[];
  /** Index of the character that was met; the length of the text: its end. */
  readonly met: number | null;
  /** Characters that were refused by name; they are shown instead of `met`. */
  readonly forbidden: readonly string[];
}

/** A grammar rule: what it read, or `undefined` when it refused. */
export type Rule<T> = (cursor: Cursor) => T | undefined;

/** A text as refusals show it. */
function shownText(text: string): string {
  return text === '"' ? '"\\""' : `"${text}"`;
}

function joined(one: Refusal | undefined, other: Refusal | undefined): Refusal | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.at !== other.at) return one.at > other.at ? one : other;
  return {
    at: one.at,
    expected: [...one.expected, ...other.expected],
    met: one.met ?? other.met,
    forbidden: [...one.forbidden, ...other.forbidden],
  };
}

/**
 * A place in a text, and the refusals since the last character that was read.
 *
 * Rules follow one convention: a rule that refuses leaves the cursor where it stopped. When it stopped at its start,
 * another rule may be tried; when it read something, the refusal is final, unless it ran inside `attempt`.
 */
export class Cursor {
  readonly text: string;
  position = 0;
  refusal: Refusal | undefined;
  /** Refusals are kept. Without, it is several times as fast, and what is read is the same. */
  private readonly explains: boolean;

  constructor(text: string, explains: boolean) {
    this.text = text;
    this.explains = explains;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** Reads up to an index, which makes all earlier refusals void. */
  advanceTo(position: number): void {
    this.position = position;
    this.refusal = undefined;
  }

  refuse(expected: readonly string[], at = this.position, met: number | null = at): undefined {
    if (this.explains) this.refusal = joined(this.refusal, { at, expected, met, forbidden: [] });
    return undefined;
  }

  forbid(character: string, at: number, expected: readonly string[] = []): undefined {
    if (!this.explains) return undefined;
    this.refusal = joined(this.refusal, { at, expected, met: null, forbidden: [character] });
    return undefined;
  }

  /** Reads a text. One that only begins like it counts as read, but is refused where it began. */
  read(wanted: string): boolean {
    const start = this.position;
    const matching = this.matchingLength(wanted);
    if (matching > 0) this.advanceTo(start + matching);
    if (matching < wanted.length) this.refuseText(wanted, start, matching);
    return matching === wanted.length;
  }

  /** Whether a text stands here; it is not read. */
  sees(wanted: string): boolean {
    const matching = this.matchingLength(wanted);
    if (matching < wanted.length) this.refuseText(wanted, this.position, matching);
    return matching === wanted.length;
  }

  private refuseText(wanted: string, at: number, matching: number): void {
    if (this.explains) this.refuse([shownText(wanted)], at, at + matching);
  }

  private matchingLength(wanted: string): number {
    let length = 0;
    while (length < wanted.length && this.text[this.position + length] === wanted[length]) length += 1;
    return length;
  }

  /** Whether the text ends here. */
  seesEnd(): boolean {
    if (this.isAtEnd) return true;
    this.forbid(this.characterAt(this.position), this.position, ['end of input']);
    return false;
  }

  /** Whether the next character is another one than this; it is not read. */
  lacks(unwanted: string): boolean {
    if (this.text.charAt(this.position) === unwanted) {
      this.forbid(unwanted, this.position + 1);
      return false;
    }
    this.refuseText(unwanted, this.position, 0);
    return true;
  }

  /** A whole character, also where it takes two code units. */
  characterAt(index: number): string {
    const codePoint = this.text.codePointAt(index);
    return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
  }

  /** Runs a rule; when it refuses, nothing was read. */
  attempt<T>(rule: Rule<T>): T | undefined {
    const start = this.position;
    const before = this.refusal;
    this.refusal = undefined;
    const result = rule(this);
    if (result === undefined) this.position = start;
    if (this.position === start) this.refusal = joined(before, this.refusal);
    return result;
  }

  /** Through a call, because the compiler believes that a rule cannot change the field. */
  private ownRefusal(): Refusal | undefined {
    return this.refusal;
  }

  /** Runs a rule; where it reads nothing, one name stands for all that it would have accepted. */
  named<T>(name: string, rule: Rule<T>): T | undefined {
    const start = this.position;
    const before = this.refusal;
    this.refusal = undefined;
    const result = rule(this);
    if (this.position === start) {
      const own = this.ownRefusal();
      this.refusal = joined(before, own === undefined ? undefined : { ...own, expected: [name] });
    }
    return result;
  }

  /** The result of the first rule that does not refuse, unless one refused after it had read something. */
  either<T>(rules: readonly Rule<T>[]): T | undefined {
    const start = this.position;
    for (const rule of rules) {
      const result = rule(this);
      if (result !== undefined || this.position !== start) return result;
    }
    return undefined;
  }

  /** The result of a rule, `null` when it is absent, `undefined` when it began and was wrong. */
  optional<T>(rule: Rule<T>): T | null | undefined {
    const start = this.position;
    const result = rule(this);
    return result === undefined && this.position === start ? null : result;
  }

  /** One or more, with something between them. */
  list<T>(item: Rule<T>, separator: Rule<true>): T[] | undefined {
    const first = item(this);
    if (first === undefined) return undefined;
    const items = [first];
    for (;;) {
      const found = this.optional(separator);
      if (found === undefined) return undefined;
      if (found === null) return items;
      const next = item(this);
      if (next === undefined) return undefined;
      items.push(next);
    }
  }
}
