import path from 'node:path';
import type { UserConsoleLog } from 'vitest';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';
import { writeSummary } from './run-summary.ts';

const stallMs = Number(process.env.BACKYARD_TEST_STALL_MS ?? 6 * 60_000);
const componentsRequired = process.env.BACKYARD_REQUIRE_COMPONENTS === '1';

/**
 * Ends a run that hangs, lists loudly what was skipped and why, and counts.
 *
 * Vitest's own timeouts end a test that waits for ever, but not one that loops without ever yielding, nor a
 * set-up that never returns: when nothing has moved for `stallMs`, the run ends here and names the culprit.
 */
export default class RunReporter implements Reporter {
  #vitest: Vitest | undefined;
  #movedAt = Date.now();
  #passed = 0;
  #failed = 0;
  readonly #running = new Map<string, string>();
  /** Lines that begin with SKIPPED, by which a test file says what it misses. */
  readonly #skipLines = new Map<string, string>();

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    setInterval(() => this.#endIfStalled(), Math.min(stallMs / 4, 5_000)).unref();
  }

  onUserConsoleLog({ content, taskId }: UserConsoleLog): void {
    const line = content.split('\n').find((text) => text.startsWith('SKIPPED'));
    if (line !== undefined && taskId !== undefined) this.#skipLines.set(taskId, line);
  }

  onTestModuleQueued(testModule: TestModule): void {
    this.#start(testModule.id, fileOf(testModule));
  }

  onTestCaseReady(testCase: TestCase): void {
    this.#start(testCase.id, `${fileOf(testCase.module)} > ${testCase.fullName}`);
  }

  onTestCaseResult(testCase: TestCase): void {
    this.#end(testCase.id);
    const { state } = testCase.result();
    if (state === 'passed') this.#passed += 1;
    if (state === 'failed') this.#failed += 1;
  }

  onTestModuleEnd(testModule: TestModule): void {
    this.#end(testModule.id);
  }

  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#movedAt = Date.now();
    const idle = testModules.flatMap((module) => [...module.children.allTests('skipped')]);
    const stranded = idle.filter(isStranded);
    // With `-t` everything else is skipped on purpose.
    const filtered = this.#vitest?.config.testNamePattern !== undefined;
    const skipped = filtered ? [] : idle.filter((test) => !isStranded(test));
    const brokenFiles = testModules.filter((module) => module.errors().length > 0 || hasBrokenSuite(module));
    listStranded(stranded);
    listSkipped(skipped, this.#skipLines);
    const missing = componentsRequired ? skipped.length : 0;
    if (missing > 0) process.exitCode = 1;
    writeSummary({
      passed: this.#passed,
      failed: this.#failed + brokenFiles.length + stranded.length + unhandledErrors.length + missing,
      skipped: skipped.length - missing,
    });
  }

  #start(id: string, name: string): void {
    this.#movedAt = Date.now();
    this.#running.set(id, name);
  }

  #end(id: string): void {
    this.#movedAt = Date.now();
    this.#running.delete(id);
  }

  #endIfStalled(): void {
    if (Date.now() - this.#movedAt < stallMs) return;
    const culprits = [...this.#running.values()];
    print(`\nThe run hangs: nothing moved for ${stallMs / 1000} s. Unfinished:`);
    for (const name of culprits.length > 0 ? culprits : ['a global set-up or tear-down'])
      print(`  ✗ ${name}`);
    writeSummary({ passed: this.#passed, failed: this.#failed + Math.max(culprits.length, 1), skipped: 0 });
    process.exit(1);
  }
}

/** True for a test that vitest calls skipped because the set-up of its file or suite failed. */
function isStranded(testCase: TestCase): boolean {
  if (testCase.module.errors().length > 0) return true;
  for (let parent = testCase.parent; parent.type === 'suite'; parent = parent.parent) {
    if (parent.errors().length > 0) return true;
  }
  return false;
}

function listStranded(stranded: readonly TestCase[]): void {
  if (stranded.length === 0) return;
  print(`\n${stranded.length} tests did not run, because what they stand on failed:`);
  for (const [file, tests] of Map.groupBy(stranded, (test) => fileOf(test.module))) {
    print(`    ${tests.length} in ${file}`);
  }
}

function listSkipped(skipped: readonly TestCase[], skipLines: ReadonlyMap<string, string>): void {
  if (skipped.length === 0) return;
  print(`\n${'!'.repeat(80)}`);
  print(
    `${skipped.length} tests were SKIPPED${componentsRequired ? ', and nothing may be skipped here: failed' : ''}:`,
  );
  for (const [reason, tests] of Map.groupBy(skipped, (test) => reasonOf(test, skipLines))) {
    print(`\n  ${reason}`);
    for (const [file, { length }] of Map.groupBy(tests, (test) => fileOf(test.module)))
      print(`    ${length} in ${file}`);
  }
  print(`${'!'.repeat(80)}\n`);
}

/** The reason that the test gave, else what its file printed, else the name of the suite that was skipped. */
function reasonOf(testCase: TestCase, skipLines: ReadonlyMap<string, string>): string {
  const result = testCase.result();
  if (result.state === 'skipped' && result.note) return result.note;
  const line = skipLines.get(testCase.module.id);
  if (line !== undefined) return line;
  return testCase.parent.type === 'suite' ? testCase.parent.fullName : 'no reason given';
}

function hasBrokenSuite(testModule: TestModule): boolean {
  return [...testModule.children.allSuites()].some((suite) => suite.errors().length > 0);
}

function fileOf(testModule: TestModule): string {
  return path.relative(process.cwd(), testModule.moduleId);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
