import type { Plant } from './plant.ts';

const wrongType = `export const planted: number = 'text';\n`;
const coveredFolders = ['contracts', 'server/src/domain', 'server/test', 'cli/src', 'acceptance', 'scripts'];

const rules: readonly (readonly [rule: string, code: string, text: string])[] = [
  ['implicit any', 'TS7006', 'export const planted = (value) => value;\n'],
  ['possibly null', 'TS18047', 'declare const found: string | null;\nexport const planted = found.length;\n'],
  ['noUncheckedIndexedAccess', 'TS2322', 'const list = [1];\nexport const planted: number = list[0];\n'],
  ['exactOptionalPropertyTypes', 'TS2375', 'export const planted: { a?: string } = { a: undefined };\n'],
  ['erasableSyntaxOnly', 'TS1294', 'export enum Planted {\n  A,\n}\n'],
  ['noImplicitOverride', 'TS4114', 'class A {\n  a() {}\n}\nexport class Planted extends A {\n  a() {}\n}\n'],
  ['noImplicitReturns', 'TS7030', 'export function planted(a: number) {\n  if (a > 1) return 1;\n}\n'],
];

export const typePlants: readonly Plant[] = [
  ...coveredFolders.map((folder) =>
    typePlant(`wrong type in ${folder}`, `${folder}/planted.ts`, 'TS2322', wrongType),
  ),
  ...rules.map(([rule, code, text]) => typePlant(rule, 'server/src/kernel/planted.ts', code, text)),
  {
    gate: 'types',
    rule: 'verbatimModuleSyntax',
    files: {
      'server/src/kernel/planted-target.ts': 'export type Planted = 1;\n',
      'server/src/kernel/planted.ts': `import { Planted } from './planted-target.ts';\nexport const a: Planted = 1;\n`,
    },
    expected: [/^server\/src\/kernel\/planted\.ts\(\d+,\d+\): error TS1484/m],
  },
];

function typePlant(rule: string, file: string, code: string, text: string): Plant {
  return {
    gate: 'types',
    rule,
    files: { [file]: text },
    expected: [new RegExp(`^${file}\\(\\d+,\\d+\\): error ${code}`, 'm')],
  };
}
