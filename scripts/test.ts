import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from './project-files.ts';
import { type Leftover, listLeftovers } from './testing/leftovers.ts';
import { deleteSummary, findSummary, writeSummaryLine } from './testing/run-summary.ts';

// `npm test`: every test that this machine can run. Arguments go to vitest: `npm test -- --project unit fault`.
// Vitest runs as a child, so that this process can end whatever a broken or hung run leaves behind.

const markerName = 'BACKYARD_TEST_RUN';
const markerValue = randomUUID();

deleteSummary();
const exitCode = await runVitest();
const leftovers = await findLeftovers();
for (const { pid, commandLine } of leftovers) {
  console.log(`✗ a process outlived the tests, ended now: ${pid} ${commandLine}`);
  endProcess(pid);
}

// A run that dies before it can count has failed.
const counted = findSummary() ?? { passed: 0, failed: 1, skipped: 0 };
const summary = { ...counted, failed: counted.failed + leftovers.length };
if (exitCode !== 0 && summary.failed === 0) summary.failed = 1;
console.log(`\n${writeSummaryLine(summary)}`);
process.exitCode = summary.failed === 0 ? 0 : 1;

function runVitest(): Promise<number> {
  const vitest = path.join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
      cwd: projectRoot,
      env: { ...process.env, [markerName]: markerValue },
      stdio: 'inherit',
      detached: true,
    });
    const endGroup = (signal: NodeJS.Signals) => child.pid && endProcess(-child.pid, signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => endGroup(signal));
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** What a stop has only just ended may need a moment to be gone. */
async function findLeftovers(): Promise<Leftover[]> {
  const deadline = Date.now() + 3_000;
  let found = listLeftovers(`${markerName}=${markerValue}`);
  while (found.length > 0 && Date.now() < deadline) {
    await delay(50);
    found = listLeftovers(`${markerName}=${markerValue}`);
  }
  return found;
}

function endProcess(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
