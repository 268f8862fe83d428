import { parseArgs } from 'node:util';
import { type CheckStep, checkSteps } from './check-steps.ts';
import { projectRoot } from './project-files.ts';
import { runCommand } from './run-command.ts';

// `npm run check` runs every step, `npm run check -- --without-tests` all but the tests, and
// `npm run check lint types` only the named ones. A failed step does not hide the ones after it.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'without-tests': { type: 'boolean', default: false } },
});

const unknownNames = positionals.filter((name) => checkSteps.every((step) => step.name !== name));
if (unknownNames.length > 0) {
  console.error(
    `No step is called ${unknownNames.join(', ')}. Steps: ${checkSteps.map((s) => s.name).join(', ')}.`,
  );
  process.exit(2);
}

const chosen = checkSteps
  .filter((step) => positionals.length === 0 || positionals.includes(step.name))
  .filter((step) => !(values['without-tests'] && step.name === 'tests'));

const failed: CheckStep[] = [];
for (const step of chosen) {
  if (!(await runStep(step))) failed.push(step);
}

if (failed.length === 0) {
  console.log(`\ncheck: all ${chosen.length} steps passed`);
} else {
  console.log(`\ncheck: ${failed.length} of ${chosen.length} steps failed`);
  for (const step of failed)
    console.log(`  ✗ ${step.name} guards ${step.guards}; again: npm run check ${step.name}`);
  process.exitCode = 1;
}

async function runStep(step: CheckStep): Promise<boolean> {
  // Tests show their progress; the others speak only when they fail.
  const output = step.name === 'tests' ? 'show' : 'keep';
  const result = await runCommand(step.command, { cwd: projectRoot, deadlineMs: step.deadlineMs, output });
  const passed = result.exitCode === 0;
  if (!passed) console.log(result.output.trimEnd());
  console.log(
    `${passed ? '✓' : '✗'} ${step.name.padEnd(8)} ${(result.durationMs / 1000).toFixed(1).padStart(6)} s`,
  );
  return passed;
}
