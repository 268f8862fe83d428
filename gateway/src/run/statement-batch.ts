/**
 * Statements that travel to the server together, in one round trip, with a single Sync behind them. So the server
 * skips all that follow a failed one, also when it was the BEGIN that failed: nothing ever runs outside the
 * transaction, or without the role that it was meant to have. Its own class, because queries of node-postgres each
 * bring a Sync.
 */
import type pg from 'pg';
import type { SqlValue, Statement } from '../sql/statement.ts';
import type { PreparedStatement, PreparedStatements, ResultColumn } from './prepared-statements.ts';

export interface BatchStep extends Statement {
  /** Prepared under a name, and found again on the same connection. */
  readonly isNamed: boolean;
}

export interface StepResult {
  readonly columns: readonly ResultColumn[];
  /** Texts as the server sent them. */
  readonly rows: readonly (readonly (string | null)[])[];
}

interface Step {
  readonly text: string;
  readonly values: (Buffer | string | null)[];
  readonly prepared: PreparedStatement | null;
  readonly isNew: boolean;
  columns: readonly ResultColumn[];
  readonly rows: (readonly (string | null)[])[];
}

/** The transaction may not have begun, or is aborted: the caller rolls back. */
export function sendBatch(
  client: pg.ClientBase,
  steps: readonly BatchStep[],
  prepared: PreparedStatements,
): Promise<readonly StepResult[]> {
  return new Promise((resolve, reject) => {
    client.query(new StatementBatch(steps, prepared, resolve, reject));
  });
}

class StatementBatch implements pg.Submittable {
  readonly #steps: readonly Step[];
  readonly #prepared: PreparedStatements;
  readonly #resolve: (results: readonly StepResult[]) => void;
  readonly #reject: (error: unknown) => void;
  #done = 0;

  constructor(
    steps: readonly BatchStep[],
    prepared: PreparedStatements,
    resolve: (results: readonly StepResult[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.#steps = steps.map((step) => readyStep(step, prepared));
    this.#prepared = prepared;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    stream.cork();
    const { writer, messages } = outboxOf(connection);
    for (const name of this.#prepared.takeClosing()) writer.close({ type: 'S', name }, true);
    for (const step of this.#steps) sendStep(writer, step);
    writer.sync();
    if (messages.length > 0) stream.write(Buffer.concat(messages));
    messages.length = 0;
    stream.uncork();
  }

  handleRowDescription(message: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    const step = this.#current();
    if (step === undefined) return;
    step.columns = message.fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
    if (step.prepared !== null) step.prepared.columns = step.columns;
  }

  handleDataRow(message: { fields: readonly (string | null)[] }): void {
    this.#current()?.rows.push(message.fields);
  }

  handleCommandComplete(): void {
    const prepared = this.#current()?.prepared;
    // It was described and has no columns.
    if (prepared?.columns === null) prepared.columns = [];
    this.#done += 1;
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handlePortalSuspended(): void {
    this.#reject(new Error('the server suspended a portal that asked for all rows'));
  }

  handleCopyInResponse(connection: { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('a request cannot copy');
  }

  handleCopyData(): void {
    // The rows of a COPY TO STDOUT, which no function can start.
  }

  handleError(error: unknown): void {
    // Whether the server got as far as to parse them is unknown, so their names are not used again.
    for (const step of this.#steps) if (step.isNew) this.#prepared.forget(step.text);
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#steps);
  }

  #current(): Step | undefined {
    return this.#steps[this.#done];
  }
}

/** The connection, but that it gathers messages instead of writing each. */
interface Outbox {
  readonly writer: pg.Connection;
  readonly messages: Buffer[];
}

const outboxes = new WeakMap<pg.Connection, Outbox>();

/**
 * One buffer costs the system far less than fifteen. That messages go through `_send` is no promise of node-postgres,
 * so its version is pinned; should all of them stop, they are written one by one, in the same order.
 */
function outboxOf(connection: pg.Connection): Outbox {
  const known = outboxes.get(connection);
  if (known !== undefined) return known;
  const messages: Buffer[] = [];
  const writer: pg.Connection = Object.create(connection, {
    _send: { value: (message: Buffer) => messages.push(message) > 0 },
  });
  const outbox = { writer, messages };
  outboxes.set(connection, outbox);
  return outbox;
}

function readyStep({ text, values, isNamed }: BatchStep, prepared: PreparedStatements): Step {
  const found = isNamed ? prepared.find(text) : null;
  return {
    text,
    values: values.map(toWire),
    prepared: found ?? (isNamed ? prepared.add(text) : null),
    isNew: isNamed && found === null,
    columns: found?.columns ?? [],
    rows: [],
  };
}

function toWire(value: SqlValue): Buffer | string | null {
  return value === null || typeof value === 'string' || Buffer.isBuffer(value) ? value : String(value);
}

function sendStep(connection: pg.Connection, step: Step): void {
  const name = step.prepared?.name ?? '';
  if (step.prepared === null || step.isNew) {
    connection.parse({ name, text: step.text, types: [] }, true);
  }
  connection.bind({ portal: '', statement: name, values: step.values }, true);
  if (step.prepared === null || step.prepared.columns === null) {
    connection.describe({ type: 'P', name: '' }, true);
  }
  connection.execute({ portal: '' }, true);
}
