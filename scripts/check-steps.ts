export type CheckStep = {
  name: string;
  /** What it guards, in words for the person whose change failed it. */
  guards: string;
  command: readonly string[];
  deadlineMs: number;
};

/**
 * The steps of `npm run check`, in the order in which they run: cheap ones first, tests last.
 * A new gate is one row here and at least one planted violation in scripts/gates/: gates-check fails
 * for a step that it never saw fail.
 */
export const checkSteps: readonly CheckStep[] = [
  {
    name: 'lint',
    guards: 'format and Biome rules (`npm run format` mends most)',
    command: ['biome', 'ci', '--colors=off', '--max-diagnostics=100', '.'],
    deadlineMs: 120_000,
  },
  { name: 'types', guards: 'TypeScript, strict', command: ['tsc', '-p', '.'], deadlineMs: 180_000 },
  {
    name: 'layers',
    guards: 'who may import whom (.dependency-cruiser.mjs)',
    command: ['node', 'scripts/layers.ts'],
    deadlineMs: 120_000,
  },
  {
    name: 'source',
    guards: 'words, names and calls that the project does not use (scripts/source-rules.ts)',
    command: ['node', 'scripts/source-rules.ts'],
    deadlineMs: 60_000,
  },
  {
    name: 'tests',
    guards: 'every test that this machine can run',
    command: ['node', 'scripts/test.ts'],
    deadlineMs: 1_500_000,
  },
];
