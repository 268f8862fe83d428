/** One request, one transaction. */
import pg from 'pg';
import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import type { Plan } from '../plan/plan.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { checkResult } from '../respond/check-result.ts';
import type { Script } from '../sql/statement.ts';
import { presentRunFailure } from './connection-faults.ts';
import { preparedStatementsOf } from './pool.ts';
import { NO_ROW, readExplain, readPlanRows, readResultRow } from './read-result.ts';
import type { RunResult } from './run-result.ts';
import { type BatchStep, type StepResult, sendBatch } from './statement-batch.ts';
import { chooseEnd, needsCheck, type TransactionEnd } from './transaction-end.ts';

export interface ConnectionSource {
  acquire(): Promise<pg.PoolClient>;
}

type RunSettings = Pick<TenantSettings, 'dbPreparedStatements' | 'dbTxEnd'>;
type RunRequest = Pick<ApiRequest, 'action'> & {
  readonly preferences: Pick<ApiRequest['preferences'], 'transaction'>;
};

interface Transaction {
  readonly steps: readonly BatchStep[];
  readonly mainAt: number;
  readonly countPlanAt: number | null;
}

/**
 * Runs the statements in one transaction and one round trip, end included; in two where the client made a condition
 * that a change must keep (`checkResult`). `settings.dbTxEnd` and `Prefer: tx` choose between commit and rollback.
 * Settings are the transaction's own, so nothing of a request is seen by the next one.
 * Throws `RestFault` for conditions and connections, `pg.DatabaseError` for what Postgres says of the request.
 */
export async function runScript(
  pool: ConnectionSource,
  script: Script,
  plan: Plan,
  settings: RunSettings,
  request?: RunRequest,
): Promise<RunResult> {
  const client = await pool.acquire();
  const startedAt = performance.now();
  let isReusable = false;
  try {
    const result = await runOn(client, script, plan, settings, request);
    isReusable = true;
    return { ...result, timings: { transaction: performance.now() - startedAt } };
  } catch (error) {
    isReusable = await rollBack(client);
    throw presentRunFailure(error, isReusable);
  } finally {
    client.release(!(isReusable && isIdle(client)));
  }
}

async function runOn(
  client: pg.PoolClient,
  script: Script,
  plan: Plan,
  settings: RunSettings,
  request: RunRequest | undefined,
): Promise<Omit<RunResult, 'timings'>> {
  const transaction = listSteps(script, plan, settings.dbPreparedStatements);
  const end = chooseEnd(settings.dbTxEnd, request?.preferences.transaction ?? null);
  if (!needsCheck(plan, request)) {
    return readResult(await send(client, [...transaction.steps, endStep(end, settings)]), transaction, plan);
  }
  const result = readResult(await send(client, transaction.steps), transaction, plan);
  checkResult(plan, result.row);
  if (request?.action === 'single-upsert' && result.row.rows !== 1) throw keyMismatch();
  await send(client, [endStep(end, settings)]);
  return result;
}

function listSteps(
  { begin, settings, preRequest, main, countPlan }: Script,
  plan: Plan,
  isNamed: boolean,
): Transaction {
  const before: BatchStep[] = [
    { text: begin, values: [], isNamed },
    { ...settings, isNamed },
    ...(preRequest === null ? [] : [{ ...preRequest, isNamed }]),
  ];
  const steps = [...before, { ...main, isNamed: isNamed && plan.body.kind !== 'explain' }];
  if (countPlan === null) return { steps, mainAt: before.length, countPlanAt: null };
  return {
    steps: [...steps, { ...countPlan, isNamed: false }],
    mainAt: before.length,
    countPlanAt: before.length + 1,
  };
}

function endStep(end: TransactionEnd, settings: RunSettings): BatchStep {
  return { text: end, values: [], isNamed: settings.dbPreparedStatements };
}

function readResult(
  results: readonly StepResult[],
  { mainAt, countPlanAt }: Transaction,
  plan: Plan,
): Omit<RunResult, 'timings'> {
  const main = at(results, mainAt);
  const isExplained = plan.body.kind === 'explain';
  return {
    row: isExplained ? NO_ROW : readResultRow(main),
    explain: isExplained ? readExplain(main) : null,
    countPlanRows: countPlanAt === null ? null : readPlanRows(at(results, countPlanAt)),
  };
}

function at(results: readonly StepResult[], index: number): StepResult {
  const result = results[index];
  if (result === undefined) throw new Error('a statement has no result');
  return result;
}

/** A statement that the server no longer knows, or whose result changed its shape, is prepared anew once. */
async function send(client: pg.PoolClient, steps: readonly BatchStep[]): Promise<readonly StepResult[]> {
  const prepared = preparedStatementsOf(client);
  try {
    return await sendBatch(client, steps, prepared);
  } catch (error) {
    const isFirstBatch = steps.length > 1;
    if (!(isFirstBatch && isStalePreparation(error))) throw error;
    prepared.forgetAll();
    await client.query('ROLLBACK');
    return sendBatch(client, steps, prepared);
  }
}

function isStalePreparation(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery');
}

/** Whether the connection can be used again. */
async function rollBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    // The connection is gone, and the first error says why.
    return false;
  }
}

function isIdle(client: pg.PoolClient): boolean {
  return (client as pg.PoolClient & Pick<pg.Client, 'getTransactionStatus'>).getTransactionStatus() === 'I';
}

function keyMismatch(): RestFault {
  return new RestFault(400, 'PGRST115', 'Payload values do not match URL in primary key column(s)');
}
