import type { Plant } from './plant.ts';

// The table of the design, written down a second time: a row that is lost from .dependency-cruiser.mjs must
// not take its plant with it.

const allowed: Record<string, readonly string[]> = {
  surfaces: ['operations', 'domain', 'kernel', 'contracts'],
  live: ['operations', 'domain', 'kernel', 'contracts'],
  operations: ['domain', 'store', 'kernel'],
  domain: ['kernel'],
  store: ['domain', 'kernel'],
  reconcile: ['domain', 'store', 'kernel'],
  monitor: ['domain', 'store', 'kernel'],
  drivers: ['domain', 'kernel'],
  kernel: [],
};

const targets: Record<string, string> = {
  surfaces: 'server/src/surfaces/planted-target/planted-target.ts',
  live: 'server/src/live/planted-target.ts',
  operations: 'server/src/operations/planted-target.ts',
  domain: 'server/src/domain/planted-target.ts',
  store: 'server/src/store/planted-target.ts',
  reconcile: 'server/src/reconcile/planted-target.ts',
  monitor: 'server/src/monitor/planted-target.ts',
  drivers: 'server/src/drivers/planted-target/planted-target.ts',
  kernel: 'server/src/kernel/planted-target.ts',
  main: 'server/src/main/planted-target.ts',
  contracts: 'contracts/planted-target.ts',
  cli: 'cli/src/planted-target.ts',
  acceptance: 'acceptance/planted-target.ts',
  gateway: 'gateway/src/planted-target.ts',
};

const rowPlants = Object.entries(allowed).map(([layer, free]) => {
  const folder = layer === 'surfaces' || layer === 'drivers' ? `${layer}/planted` : layer;
  const forbidden = Object.keys(targets).filter((target) => target !== layer && !free.includes(target));
  return importPlant(`layer-${layer}`, `server/src/${folder}/planted.ts`, forbidden);
});

const rootPlants = [
  importPlant('root-contracts', 'contracts/planted.ts', ['domain', 'kernel', 'cli', 'acceptance']),
  importPlant('root-server', 'server/test/planted.ts', ['cli', 'acceptance']),
  importPlant('root-cli', 'cli/src/planted.ts', ['domain', 'kernel', 'main', 'acceptance']),
  importPlant('root-acceptance', 'acceptance/planted.ts', ['kernel', 'main', 'cli']),
  importPlant('root-gateway', 'gateway/src/planted.ts', ['kernel', 'cli', 'contracts', 'acceptance']),
  importPlant('root-scripts', 'scripts/planted.ts', ['cli', 'acceptance']),
  importPlant('nothing-imports-main', 'server/src/operations/planted.ts', ['main']),
  importPlant('nothing-imports-main', 'scripts/planted.ts', ['main']),
  importPlant('only-main-sees-drivers', 'server/src/surfaces/planted/planted.ts', ['drivers']),
  importPlant('only-main-sees-drivers', 'server/src/reconcile/planted.ts', ['drivers']),
  importPlant('only-main-sees-drivers', 'server/src/operations/planted.test.ts', ['drivers']),
  importPlant('surface-knows-no-other-surface', 'server/src/surfaces/planted/planted.ts', ['surfaces']),
  importPlant('surface-kit-knows-no-surface', 'server/src/surfaces/kit/planted.ts', ['surfaces']),
  importPlant('driver-knows-no-other-driver', 'server/src/drivers/planted/planted.ts', ['drivers']),
  importPlant('command-knows-no-driver', 'server/src/drivers/command/planted.ts', ['drivers', 'domain']),
];

const formPlants = [
  [
    'type import',
    (name: string) => `import type { planted } from '${name}';\nexport type Planted = typeof planted;\n`,
  ],
  ['re-export', (name: string) => `export { planted } from '${name}';\n`],
  ['dynamic import', (name: string) => `export const planted = await import('${name}');\n`],
  ['bare import', (name: string) => `import '${name}';\n`],
].map(([form, write]) => {
  const file = 'server/src/domain/planted.ts';
  const text = (write as (name: string) => string)('../store/planted-target.ts');
  return { ...importPlant('layer-domain', file, ['store'], text), rule: `layer-domain (${form})` };
});

const packagePlants = [
  packagePlant('only-command-starts-processes', 'server/src/operations/planted.ts', 'node:child_process'),
  packagePlant('only-command-starts-processes', 'server/src/drivers/postgres/planted.ts', 'child_process'),
  packagePlant('only-command-starts-processes', 'cli/src/planted.ts', 'node:child_process'),
  packagePlant('domain-is-pure', 'server/src/domain/planted.ts', 'node:fs'),
  packagePlant('domain-is-pure', 'server/src/domain/planted.ts', 'pg'),
  packagePlant('no-sql-outside-store-and-drivers', 'server/src/operations/planted.ts', 'kysely'),
  packagePlant('no-sql-outside-store-and-drivers', 'server/src/surfaces/planted/planted.ts', 'pg'),
  packagePlant('gateway-decides-without-io', 'gateway/src/plan/planted.ts', 'pg'),
  packagePlant('gateway-decides-without-io', 'gateway/src/sql/planted.ts', 'node:fs'),
  packagePlant('no-http-framework-inside', 'server/src/operations/planted.ts', 'fastify'),
  packagePlant('no-dev-dependency-in-product', 'server/src/kernel/planted.ts', 'fast-check'),
  packagePlant('declared-dependencies-only', 'server/src/kernel/planted.ts', 'acorn'),
  packagePlant('resolvable', 'server/src/kernel/planted.ts', './no-such-file.ts'),
];

const graphPlants: Plant[] = [
  {
    gate: 'layers',
    rule: 'no-cycles',
    files: {
      'server/src/kernel/planted.ts': `import { b } from './planted-b.ts';\nexport const a = () => b;\n`,
      'server/src/kernel/planted-b.ts': `import { a } from './planted.ts';\nexport const b = () => a;\n`,
    },
    expected: ['no-cycles', 'server/src/kernel/planted-b.ts'],
  },
  {
    gate: 'layers',
    rule: 'product-imports-no-test',
    files: {
      'server/test/planted-target.ts': 'export const planted = 1;\n',
      'server/src/main/planted.ts': `export { planted } from '../../test/planted-target.ts';\n`,
    },
    expected: ['server/src/main/planted.ts → server/test/planted-target.ts\n    product-imports-no-test:'],
  },
  {
    gate: 'layers',
    rule: 'a layer without a row',
    files: { 'server/src/planted/planted.ts': 'export const planted = 1;\n' },
    expected: ['planted: a folder without a row'],
  },
  {
    gate: 'layers',
    rule: 'a workspace without a row',
    files: {
      'package.json': (before) => before.replace(/"cli",?/, '"planted", "cli",').replace(/,(\s*\])/, '$1'),
    },
    expected: ['planted: a folder without a row'],
  },
  {
    gate: 'layers',
    rule: 'a cruiser that does not see a layer',
    files: {
      'server/src/store/planted.ts': 'export const planted = 1;\n',
      '.dependency-cruiser.mjs': (before) =>
        before.replace("parser: 'swc',", "$& exclude: '^server/src/store/',"),
    },
    expected: ['server/src/store/planted.ts: unseen by dependency-cruiser'],
  },
];

export const layerPlants: readonly Plant[] = [
  ...rowPlants,
  ...rootPlants,
  ...formPlants,
  ...packagePlants,
  ...graphPlants,
];

/** A file that imports each of the forbidden targets, which are planted too. */
function importPlant(rule: string, file: string, forbidden: readonly string[], text?: string): Plant {
  const paths = forbidden.map((name) => targets[name] ?? name);
  const lines = paths.map(
    (target, index) => `import { planted as p${index} } from '${relativeImport(file, target)}';`,
  );
  const use = `export const planted = [${paths.map((_, index) => `p${index}`).join(', ')}];`;
  return {
    gate: 'layers',
    rule,
    files: {
      ...Object.fromEntries(paths.map((target) => [target, 'export const planted = 1;\n'])),
      [file]: text ?? [...lines, use, ''].join('\n'),
    },
    expected: paths.map((target) => `${file} → ${target}\n    ${rule}:`),
  };
}

function packagePlant(rule: string, file: string, name: string): Plant {
  return {
    gate: 'layers',
    rule: `${rule} (${name})`,
    files: { [file]: `import * as planted from '${name}';\nexport const names = Object.keys(planted);\n` },
    expected: [new RegExp(`^${file} → .*\\n    ${rule}:`, 'm')],
  };
}

function relativeImport(file: string, target: string): string {
  const up = '../'.repeat(file.split('/').length - 1);
  return `${up}${target}`;
}
