import type { Plant } from './plant.ts';

const file = 'scripts/planted.test.ts';
const onlyPlanted = ['--project', 'unit', 'scripts/planted'];
const head = `import { spawn } from 'node:child_process';\nimport { expect, it } from 'vitest';\n\nspawn;\n`;
const passing = `it('passes', () => expect(1).toBe(1));\n`;

/** What the runner must pass: a good test, and a skipped one where components are not required. */
export const cleanTests = {
  files: { [file]: `${head}${passing}it('needs', (context) => context.skip('a component'));\n` },
  args: onlyPlanted,
  env: { BACKYARD_REQUIRE_COMPONENTS: '' },
};

export const testPlants: readonly Plant[] = [
  testPlant('a failing test', `it('planted', () => expect(1).toBe(2));\n`, '1 passed, 1 failed'),
  testPlant('a file that does not load', `await import('./no-such-file.ts');\n`, '0 passed, 1 failed'),
  testPlant('a test that expects nothing', `it('planted', () => undefined);\n`, '1 passed, 1 failed'),
  testPlant('an unhandled rejection', `void Promise.reject(new Error('planted'));\n`, '1 passed, 1 failed'),
  testPlant(
    'a leaked timer',
    `it('planted', () => void expect(setInterval(() => {}, 1e3)));\n`,
    'leaves these open',
  ),
  testPlant(
    'a leaked process',
    `spawn('sleep', ['60'], { detached: true }).unref();\n`,
    'a process outlived the tests',
  ),
  testPlant(
    'a test that waits for ever',
    `it('planted', () => new Promise(() => {}), 300);\n`,
    'timed out in 300ms',
  ),
  {
    ...testPlant('a test that loops for ever', `it('planted', () => { for (;;); });\n`, 'The run hangs'),
    env: { BACKYARD_TEST_STALL_MS: '4000' },
  },
  {
    ...testPlant(
      'a skipped test where components are required',
      cleanTests.files[file] ?? '',
      '1 passed, 1 failed',
    ),
    files: cleanTests.files,
    env: { BACKYARD_REQUIRE_COMPONENTS: '1' },
  },
  folderPlant('unit', 'contracts/planted.test.ts'),
  folderPlant('unit', 'server/src/domain/planted.test.ts'),
  folderPlant('unit', 'cli/src/planted.test.ts'),
  folderPlant('integration', 'server/test/planted.test.ts'),
  folderPlant('acceptance', 'acceptance/planted.test.ts'),
];

function testPlant(rule: string, text: string, expected: string): Plant {
  return {
    gate: 'tests',
    rule,
    files: { [file]: `${head}${passing}${text}` },
    args: onlyPlanted,
    expected: [expected],
  };
}

/** Shows that a test in this folder is run at all, and by which project. */
function folderPlant(project: string, plantedFile: string): Plant {
  return {
    gate: 'tests',
    rule: `a failing test in ${plantedFile}`,
    files: { [plantedFile]: `${head}it('planted', () => expect(1).toBe(2));\n` },
    args: ['--project', project, 'planted'],
    expected: [`|${project}| ${plantedFile}`, '0 passed, 1 failed'],
  };
}
