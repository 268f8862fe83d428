import { stripVTControlCharacters } from 'node:util';
import { type CheckStep, checkSteps } from './check-steps.ts';
import { layerPlants } from './gates/layer-plants.ts';
import { lintPlants } from './gates/lint-plants.ts';
import type { Plant } from './gates/plant.ts';
import { createScratchCopy, type ScratchCopy } from './gates/scratch-copy.ts';
import { sourcePlants } from './gates/source-plants.ts';
import { cleanTests, testPlants } from './gates/test-plants.ts';
import { typePlants } from './gates/type-plants.ts';
import { runCommand } from './run-command.ts';

// `npm run gates-check`: a gate that was never seen to fail is not a gate. Each step of `npm run check` must
// pass on a clean copy of the tree, then fail with its message for every planted violation.
// `npm run gates-check lint layers` looks at these gates only.

const plants: readonly Plant[] = [
  ...lintPlants,
  ...typePlants,
  ...layerPlants,
  ...sourcePlants,
  ...testPlants,
];

const chosen = process.argv.slice(2);
const steps = checkSteps.filter(({ name }) => chosen.length === 0 || chosen.includes(name));

const scratch = createScratchCopy();
process.on('exit', () => scratch.delete());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

let failed = 0;
for (const step of steps) {
  console.log(`\n${step.name}: ${step.guards}`);
  report(step, 'clean copy passes', await checkClean(step));
  const own = plants.filter(({ gate }) => gate === step.name);
  if (own.length === 0) report(step, 'has no plant', ['add one in scripts/gates/']);
  for (const plant of own) report(step, `fails: ${plant.rule}`, await checkPlant(step, plant));
}

console.log(
  failed === 0 ? '\ngates-check: every gate fails when it should' : `\ngates-check: ${failed} rows failed`,
);
process.exitCode = failed === 0 ? 0 : 1;

function report(step: CheckStep, row: string, problems: readonly string[]): void {
  if (problems.length > 0) failed += 1;
  console.log(`  ${problems.length === 0 ? '✓' : '✗'} ${step.name.padEnd(7)} ${row}`);
  for (const problem of problems) console.log(`      ${problem.replaceAll('\n', '\n      ')}`);
}

async function checkClean(step: CheckStep): Promise<string[]> {
  // The whole suite was run by `npm run check`; here it is enough that the runner passes what is good.
  const clean = step.name === 'tests' ? cleanTests : { files: {}, args: [], env: {} };
  const { exitCode, output } = await runPlanted(scratch, step, clean);
  return exitCode === 0 ? [] : [`fails on the clean copy: mend that first\n${output.slice(-3_000)}`];
}

async function checkPlant(step: CheckStep, plant: Plant): Promise<string[]> {
  const { exitCode, output } = await runPlanted(scratch, step, plant);
  if (exitCode === 0) return ['the gate passed in spite of the planted violation'];
  const missing = plant.expected.filter((part) =>
    typeof part === 'string' ? !output.includes(part) : !part.test(output),
  );
  return missing.map((part) => `the gate failed, but without ${part}\n${output.slice(-3_000)}`);
}

async function runPlanted(copy: ScratchCopy, step: CheckStep, plant: Pick<Plant, 'files' | 'args' | 'env'>) {
  const takeBack = copy.plant(plant.files);
  try {
    const result = await runCommand([...step.command, ...(plant.args ?? [])], {
      cwd: copy.root,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined, ...plant.env },
      deadlineMs: step.deadlineMs,
      output: 'keep',
    });
    return { ...result, output: stripVTControlCharacters(result.output) };
  } finally {
    takeBack();
  }
}
