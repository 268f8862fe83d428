import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../project-files.ts';

export type RunSummary = { passed: number; failed: number; skipped: number };

const summaryFile = path.join(projectRoot, '.cache', 'test-summary.json');
const lineFile = path.join(projectRoot, '.cache', 'test-summary.txt');

/** Forgets the last run, so that a run which dies cannot borrow its numbers. */
export function deleteSummary(): void {
  rmSync(summaryFile, { force: true });
  rmSync(lineFile, { force: true });
}

export function writeSummary(summary: RunSummary): void {
  mkdirSync(path.dirname(summaryFile), { recursive: true });
  writeFileSync(summaryFile, JSON.stringify(summary));
}

/** Finds what the reporter wrote; undefined when the run died before it could. */
export function findSummary(): RunSummary | undefined {
  try {
    return JSON.parse(readFileSync(summaryFile, 'utf8')) as RunSummary;
  } catch {
    return undefined;
  }
}

/** Writes the last line of the run where `.ci/run` reads it, and returns it: `12 passed, 0 failed, 1 skipped`. */
export function writeSummaryLine({ passed, failed, skipped }: RunSummary): string {
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  mkdirSync(path.dirname(lineFile), { recursive: true });
  writeFileSync(lineFile, `${line}\n`);
  return line;
}
