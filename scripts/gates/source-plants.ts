import { type Plant, spell } from './plant.ts';

const file = 'server/src/operations/planted.ts';

const rules: readonly (readonly [rule: string, line: string, file?: string])[] = [
  ['unfinished-work', spell('// TO', 'DO: later')],
  ['unfinished-work', spell('// FIX', 'ME')],
  ['unfinished-work', spell('// XX', 'X')],
  ['unfinished-work', spell(`throw new Error('not implem`, `ented');`)],
  ['silenced-compiler', spell('// @ts-', 'ignore')],
  ['silenced-compiler', spell('// @ts-no', 'check')],
  ['silenced-test', spell('describe.sk', `ip('a', () => {});`)],
  ['silenced-test', spell('it.on', `ly('a', () => {});`), 'acceptance/planted.test.ts'],
  ['silenced-test', spell('test.concurrent.to', `do('a');`)],
  ['mock', spell('vi.mo', `ck('./fault.ts');`)],
  ['mock', spell('vi.stubG', `lobal('fetch', () => {});`)],
  ['mock', spell('vi.spy', `On(process, 'cwd');`)],
  ['shell', spell(`spawn('ls', [], { sh`, 'ell: true });')],
  ['impure-domain', 'export const planted = Date.now();', 'server/src/domain/planted.ts'],
  ['impure-domain', 'export const planted = new Date();', 'server/src/domain/planted.ts'],
  ['impure-domain', 'export const planted = Math.random();', 'server/src/domain/planted.ts'],
  ['type-name', spell('export class PlantedMan', 'ager {}')],
  ['type-name', spell('export type PlantedIn', 'fo = string;')],
];

const badNames = [
  'server/src/kernel/utils.ts',
  'server/src/kernel/string-helpers.ts',
  'cli/src/common/planted.ts',
];

export const sourcePlants: readonly Plant[] = [
  ...rules.map(
    ([rule, line, plantedFile = file]): Plant => ({
      gate: 'source',
      rule: `${rule}: ${line.length > 40 ? `${line.slice(0, 40)}…` : line}`,
      files: { [plantedFile]: `${line}\n` },
      expected: [`${plantedFile}:1: ${rule}:`],
    }),
  ),
  ...badNames.map(
    (name): Plant => ({
      gate: 'source',
      rule: `file-name: ${name}`,
      files: { [name]: 'export const planted = 1;\n' },
      expected: [`${name}: file-name:`],
    }),
  ),
  {
    gate: 'source',
    rule: 'lockfile without download addresses',
    files: {
      'package-lock.json': (before) =>
        before.replace(/"version":/, '"resolved": "https://registry.example/a.tgz",$&'),
    },
    expected: ['package-lock.json: lockfile:'],
  },
];
