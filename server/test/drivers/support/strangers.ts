/** Roles of the cluster that Backyard knows nothing of. */
import { randomBytes } from 'node:crypto';
import { run } from './cluster-access.ts';

export class Strangers {
  readonly one: string;
  readonly two: string;
  readonly password = 'stranger';
  readonly #dsn: string;

  constructor(dsn: string, suffix: string) {
    this.#dsn = dsn;
    this.one = `stranger_one_${suffix}`;
    this.two = `stranger_two_${suffix}`;
  }

  static async make(dsn: string): Promise<Strangers> {
    const strangers = new Strangers(dsn, randomBytes(5).toString('hex'));
    for (const name of [strangers.one, strangers.two]) {
      await run(dsn, {}, `CREATE ROLE ${name} LOGIN PASSWORD '${strangers.password}'`);
    }
    return strangers;
  }

  async drop(): Promise<void> {
    await run(this.#dsn, {}, `DROP OWNED BY ${this.one}, ${this.two}`, `DROP ROLE ${this.one}, ${this.two}`);
  }
}
