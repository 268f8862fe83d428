import { type Plant, spell } from './plant.ts';

const inServer = 'server/src/operations/planted.ts';
const inTest = 'server/src/operations/planted.test.ts';

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('');
const imports = (...names: string[]) => `import { ${names.join(', ')} } from 'vitest';\n\n`;
const nestedLoops =
  'for (const a of list) {\nfor (const b of list) {\nif (a > b) {\nif (a > 1) {\nif (b > 1) {\n';

const rules: readonly (readonly [rule: string, text: string, file?: string])[] = [
  ['suspicious/noExplicitAny', 'export const planted = (value: any): string => String(value);\n'],
  ['suspicious/noConsole', `console.log('planted');\n`],
  ['suspicious/noConsole', `console.log('planted');\n`, 'server/src/main/planted.ts'],
  ['suspicious/noConsole', `console.log('planted');\n`, 'contracts/planted.ts'],
  ['style/noProcessEnv', 'export const planted = process.env.HOME;\n'],
  ['style/noProcessEnv', `import { env } from 'node:process';\n\nexport const planted = env.HOME;\n`],
  ['style/noProcessEnv', 'export const planted = process.env.HOME;\n', 'server/src/main/planted.ts'],
  ['style/noProcessEnv', 'export const planted = process.env.HOME;\n', 'contracts/planted.ts'],
  [
    'complexity/noExcessiveCognitiveComplexity',
    `export function planted(list: number[]): void {\n${nestedLoops}list.pop();\n}\n}\n}\n}\n}\nif (list[0]) list.pop();\n}\n`,
  ],
  [
    'complexity/noExcessiveLinesPerFunction',
    `export function planted(): void {\n${lines(52, (index) => `  process.title = '${index}';\n`)}}\n`,
  ],
  ['style/noExcessiveLinesPerFile', lines(301, (index) => `export const p${index} = ${index};\n`)],
  ['style/noExcessiveLinesPerFile', lines(301, (index) => `export const p${index} = ${index};\n`), inTest],
  ['style/useFilenamingConvention', 'export const planted = 1;\n', 'server/src/operations/plantedCamel.ts'],
  ['style/useFilenamingConvention', 'export const planted = 1;\n', 'server/src/operations/planted_snake.ts'],
  ['nursery/noFloatingPromises', 'const work = async (): Promise<void> => {};\n\nwork();\n'],
  [
    'nursery/noMisusedPromises',
    'const work = async (): Promise<boolean> => true;\n\nif (work()) process.title = "a";\n',
  ],
  ['correctness/noUnusedImports', `import { sep } from 'node:path';\n\nexport const planted = 1;\n`],
  ['correctness/noUnusedVariables', 'const planted = 1;\nexport const other = 1;\n'],
  ['correctness/noUnusedFunctionParameters', 'export const planted = (a: string, b: string): string => a;\n'],
  ['correctness/useImportExtensions', `export { planted } from './planted-target';\n`],
  ['style/noNonNullAssertion', 'export const planted = (list: string[]): string => list[0]!;\n'],
  ['style/useThrowOnlyError', `export const planted = (): never => {\n  throw 'planted';\n};\n`],
  ['style/useImportType', `import { URL } from 'node:url';\n\nexport type Planted = URL;\n`],
  ['style/useNodejsImportProtocol', `export { sep } from 'path';\n`],
  ['suspicious/noEmptyBlockStatements', 'try {\n  process.title = "a";\n} catch {}\n'],
  ['suspicious/noTsIgnore', `${spell('// @ts-', 'ignore')} planted\nexport const planted = 1;\n`],
  ['suspicious/noFocusedTests', `${imports('it')}it.${'only'}('planted', () => process.title);\n`, inTest],
  ['suspicious/noSkippedTests', `${imports('it')}it.${'skip'}('planted', () => process.title);\n`, inTest],
];

export const lintPlants: readonly Plant[] = [
  ...rules.map(
    ([rule, text, file = inServer]): Plant => ({
      gate: 'lint',
      rule: file === inServer ? rule : `${rule} (${file})`,
      files: { [file]: text, 'server/src/operations/planted-target.ts': 'export const planted = 1;\n' },
      expected: [file, `lint/${rule}`],
    }),
  ),
  {
    gate: 'lint',
    rule: 'format',
    files: { [inServer]: 'export const planted = "double quotes"\n' },
    expected: [inServer, 'File content differs from formatting output'],
  },
  {
    gate: 'lint',
    rule: 'unsorted imports',
    files: {
      [inServer]: `import { sep } from 'node:path';\nimport { EOL } from 'node:os';\n\nexport { EOL, sep };\n`,
    },
    expected: [inServer, 'organizeImports'],
  },
];
