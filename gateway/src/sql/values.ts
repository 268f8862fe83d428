import { RestFault } from '../fault.ts';
import type { SqlValue } from './statement.ts';

/** The wire protocol counts parameters in 16 bits; one more would break the connection. */
const MOST_PARAMETERS = 65_535;

/** Gathers the parameters of one statement while its text is written. */
export class Values {
  readonly #list: SqlValue[] = [];
  readonly #shared = new Map<string, string>();

  /**
   * A parameter of its own, so that Postgres infers its type from where it stands: `$3`.
   * @throws RestFault 54000 when there are too many.
   */
  add(value: SqlValue): string {
    if (this.#list.length === MOST_PARAMETERS) {
      throw new RestFault(400, '54000', `A request can have at most ${MOST_PARAMETERS} values`);
    }
    this.#list.push(value);
    return `$${this.#list.length}`;
  }

  /**
   * The same parameter for the same text and type (`null`: Postgres infers it, so it must be the same wherever the text
   * stands). Two expressions are equal to Postgres only when their parameters are: without this, `data->$1` in ORDER BY
   * would not be the `data->$2` that is grouped by.
   */
  addShared(text: string, type: 'int4' | 'regconfig' | null): string {
    const key = `${type} ${text}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const parameter = type === null ? this.add(text) : `${this.add(text)}::${type}`;
    this.#shared.set(key, parameter);
    return parameter;
  }

  get list(): readonly SqlValue[] {
    return this.#list;
  }
}
