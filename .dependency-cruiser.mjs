// Who may import whom. The table is the one of the design; `npm run check` runs it through scripts/layers.ts,
// which also proves that every source file was seen. `parser: 'swc'` is not a taste: under TypeScript 7
// dependency-cruiser's own TypeScript parser finds no module at all, and passes.

/** Layers of server/src, and the other parts of our source that each may import. The kernel is free to all. */
export const layers = {
  surfaces: ['server/src/operations', 'server/src/domain', 'contracts'],
  live: ['server/src/operations', 'server/src/domain', 'contracts'],
  operations: ['server/src/domain', 'server/src/store'],
  domain: [],
  store: ['server/src/domain'],
  reconcile: ['server/src/domain', 'server/src/store'],
  monitor: ['server/src/domain', 'server/src/store'],
  drivers: ['server/src/domain'],
  kernel: [],
};

/** Workspaces and other roots that hold sources, and what of ours each may import. */
export const roots = {
  contracts: [],
  server: ['contracts'],
  cli: ['contracts'],
  gateway: [],
  acceptance: ['contracts'],
  scripts: ['contracts', 'server'],
};

const ours = `^(?:${Object.keys(roots).join('|')})/`;
const anyOf = (paths) => `^(?:${paths.join('|')})/`;
const testFile = '\\.test\\.ts$';
/** Suites and benchmarks may look at everything. */
const serverTest = '^(?:server|gateway)/(?:test|bench)/';

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `layer-${layer}`,
  severity: 'error',
  comment: `${layer} may import ${['server/src/kernel', ...allowed].join(', ')} and itself, nothing else of ours`,
  from: { path: `^server/src/${layer}/` },
  to: { path: ours, pathNot: anyOf([`server/src/${layer}`, 'server/src/kernel', ...allowed]) },
}));

const rootRules = Object.entries(roots).map(([root, allowed]) => ({
  name: `root-${root}`,
  severity: 'error',
  comment: `${root}/ may import ${allowed.join(', ') || 'nothing of ours'} and itself`,
  from: { path: `^${root}/` },
  to: { path: ours, pathNot: anyOf([root, ...allowed]) },
}));

/** Walls inside a layer: `$1` is the folder that the importing file lives in. */
const neighbourRules = [
  {
    name: 'surface-knows-no-other-surface',
    severity: 'error',
    comment: 'a surface may import surfaces/kit and its own folder',
    from: { path: '^server/src/surfaces/([^/]+)/', pathNot: '^server/src/surfaces/kit/' },
    to: { path: '^server/src/surfaces/[^/]+/', pathNot: '^server/src/surfaces/(?:kit|$1)/' },
  },
  {
    name: 'surface-kit-knows-no-surface',
    severity: 'error',
    comment: 'surfaces/kit serves every surface and knows none',
    from: { path: '^server/src/surfaces/kit/' },
    to: { path: '^server/src/surfaces/[^/]+/', pathNot: '^server/src/surfaces/kit/' },
  },
  {
    name: 'driver-knows-no-other-driver',
    severity: 'error',
    comment: 'a driver may import drivers/command and its own folder',
    from: { path: '^server/src/drivers/([^/]+)/' },
    to: { path: '^server/src/drivers/[^/]+/', pathNot: '^server/src/drivers/(?:command|$1)/' },
  },
  {
    name: 'command-knows-no-driver',
    severity: 'error',
    comment: 'drivers/command serves every driver and knows none, nor the domain',
    from: { path: '^server/src/drivers/command/' },
    to: { path: '^server/src/', pathNot: '^server/src/(?:drivers/command|kernel)/' },
  },
];

/** Doors to the outside: who may import which module of Node or npm. */
const outsideRules = [
  {
    name: 'only-command-starts-processes',
    severity: 'error',
    comment:
      'only server/src/drivers/command starts processes; of the rest, only tests, scripts and the psql launcher',
    from: {
      path: ours,
      pathNot: [
        '^server/src/drivers/command/',
        serverTest,
        '^acceptance/',
        '^scripts/',
        '^cli/src/.*psql\\.ts$',
        testFile,
      ],
    },
    to: { path: '^(?:node:)?child_process$|(?:^|/)node_modules/(?:execa|cross-spawn)/' },
  },
  {
    name: 'domain-is-pure',
    severity: 'error',
    comment: 'the domain does no I/O: it imports no module of Node and no package',
    from: { path: '^server/src/domain/', pathNot: testFile },
    to: {
      dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
    },
  },
  {
    name: 'no-sql-outside-store-and-drivers',
    severity: 'error',
    comment: 'SQL lives in store/ (ours) and drivers/ (the outside); main composes them',
    from: {
      path: '^(?:server/src|cli|contracts)/',
      pathNot: ['^server/src/(?:store|drivers|main)/', testFile],
    },
    to: { path: '(?:^|/)node_modules/(?:kysely|pg|pg-[^/]+)/' },
  },
  {
    name: 'gateway-decides-without-io',
    severity: 'error',
    comment: 'what a request means, what is done and which SQL that is are pure in gateway/',
    from: {
      path: '^gateway/src/(?:request|plan|sql|openapi)/',
      pathNot: [testFile, '^gateway/src/sql/quote\\.ts$'],
    },
    to: { path: '(?:^|/)node_modules/(?:pg|pino)/|^(?:node:)?(?:fs|net|http|child_process)(?:$|/)' },
  },
  {
    name: 'no-http-framework-inside',
    severity: 'error',
    comment: 'only surfaces, live feeds and main know the HTTP framework',
    from: { path: '^server/src/', pathNot: ['^server/src/(?:surfaces|live|main)/', testFile] },
    to: { path: '(?:^|/)node_modules/(?:fastify|@fastify/[^/]+)/' },
  },
  {
    name: 'no-dev-dependency-in-product',
    severity: 'error',
    comment: 'what runs in production is a dependency, not a devDependency',
    from: { path: '^(?:server/src|cli/src|gateway/src|contracts)/', pathNot: testFile },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'declared-dependencies-only',
    severity: 'error',
    comment: 'a package that is imported stands in a package.json',
    from: { path: ours },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
];

const graphRules = [
  {
    name: 'nothing-imports-main',
    severity: 'error',
    comment: 'main composes; only its own files import it',
    from: { path: ours, pathNot: ['^server/src/main/', serverTest] },
    to: { path: '^server/src/main/' },
  },
  {
    name: 'only-main-sees-drivers',
    severity: 'error',
    comment: 'no request and no reconciler names a driver: main hands them in',
    from: { path: ours, pathNot: ['^server/src/(?:main|drivers)/', serverTest] },
    to: { path: '^server/src/drivers/' },
  },
  {
    name: 'product-imports-no-test',
    severity: 'error',
    comment: 'test files and server/test serve tests only',
    from: { path: ours, pathNot: [testFile, serverTest] },
    to: { path: `${testFile}|${serverTest}` },
  },
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'two files that need each other are one thing, or hide a third',
    from: { path: ours },
    to: { circular: true },
  },
  {
    name: 'resolvable',
    severity: 'error',
    comment: 'an import that does not resolve escapes every other rule',
    from: { path: ours },
    to: { couldNotResolve: true },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...layerRules, ...rootRules, ...neighbourRules, ...outsideRules, ...graphRules],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    combinedDependencies: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
