/** Which statements a connection has prepared, by text; the least recently used one gives way. */

/** A column of a result: enough to turn its texts into values. */
export interface ResultColumn {
  readonly name: string;
  readonly typeId: number;
}

export interface PreparedStatement {
  readonly name: string;
  /** Grows with every use on the connection. */
  lastUse: number;
  /** `null` until it has answered once. */
  columns: readonly ResultColumn[] | null;
}

export class PreparedStatements {
  readonly #byText = new Map<string, PreparedStatement>();
  readonly #limit: number;
  /** Names that the server may still hold; closing an unknown one is no error. */
  #toClose: string[] = [];
  #count = 0;
  #uses = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byText.size;
  }

  /** `null`: not prepared yet. */
  find(text: string): PreparedStatement | null {
    const found = this.#byText.get(text);
    if (found === undefined) return null;
    this.#uses += 1;
    found.lastUse = this.#uses;
    return found;
  }

  /** A name that was never used on the connection before. */
  add(text: string): PreparedStatement {
    this.#count += 1;
    this.#uses += 1;
    const statement: PreparedStatement = { name: `b${this.#count}`, lastUse: this.#uses, columns: null };
    this.#byText.set(text, statement);
    if (this.#byText.size > this.#limit) this.#forgetOldest();
    return statement;
  }

  forget(text: string): void {
    const statement = this.#byText.get(text);
    if (statement === undefined) return;
    this.#byText.delete(text);
    this.#toClose.push(statement.name);
  }

  /** Looks at all, which is rare: keeping them in order would cost every request. */
  #forgetOldest(): void {
    let oldest: string | undefined;
    let oldestUse = Number.POSITIVE_INFINITY;
    for (const [text, { lastUse }] of this.#byText) {
      if (lastUse >= oldestUse) continue;
      oldest = text;
      oldestUse = lastUse;
    }
    if (oldest !== undefined) this.forget(oldest);
  }

  forgetAll(): void {
    for (const text of [...this.#byText.keys()]) this.forget(text);
  }

  /** Names to close now; they are handed out once. */
  takeClosing(): readonly string[] {
    const names = this.#toClose;
    this.#toClose = [];
    return names;
  }
}
