import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { projectRoot } from './project-files.ts';
import { runCommand } from './run-command.ts';

// `npm run test-deps` installs the Debian packages whose programs the tests need, and only those that are
// missing. `npm run test-deps -- --dry-run` only tells.

type Component = {
  /** Proves that the program works, not only that a wrapper of that name lies on the PATH. */
  proof: readonly string[];
  debianPackage: string;
  usedFor: string;
};

const components: readonly Component[] = [
  { proof: ['psql', '--version'], debianPackage: 'postgresql-client', usedFor: 'what a person types' },
  { proof: ['pg_dump', '--version'], debianPackage: 'postgresql-client', usedFor: 'dumps of a database' },
  // Debian ships pgbench with the server.
  {
    proof: ['pgbench', '--version'],
    debianPackage: 'postgresql',
    usedFor: 'load through a returned connection',
  },
  {
    proof: ['setpriv', '--version'],
    debianPackage: 'util-linux',
    usedFor: 'starting as another user than root',
  },
];

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });

const missing = await listMissing();
if (missing.length === 0) {
  console.log(`test-deps: all there: ${components.map(nameOf).join(', ')}`);
} else {
  process.exitCode = await install([...new Set(missing.map(({ debianPackage }) => debianPackage))]);
}

async function listMissing(): Promise<Component[]> {
  const found: Component[] = [];
  for (const component of components) {
    const { exitCode } = await runCommand(component.proof, {
      cwd: projectRoot,
      deadlineMs: 20_000,
      output: 'keep',
    });
    if (exitCode !== 0) found.push(component);
  }
  for (const component of found) console.log(`missing: ${nameOf(component)} (${component.usedFor})`);
  return found;
}

async function install(packages: readonly string[]): Promise<number> {
  if (!existsSync('/etc/debian_version')) {
    console.log(`This is not Debian. Install these programs yourself: ${missing.map(nameOf).join(', ')}.`);
    return 1;
  }
  if (values['dry-run'] || process.getuid?.() !== 0) {
    console.log(`As root: apt-get update && apt-get install --no-install-recommends ${packages.join(' ')}`);
    return values['dry-run'] ? 0 : 1;
  }
  const letClustersStart = preventCluster();
  const updated = await runApt(['update']);
  const installed = updated && (await runApt(['install', '--yes', '--no-install-recommends', ...packages]));
  letClustersStart();
  if (!installed) return 1;
  const stillMissing = await listMissing();
  console.log(
    stillMissing.length === 0 ? 'test-deps: done' : 'test-deps: installed, and still not all there',
  );
  return stillMissing.length === 0 ? 0 : 1;
}

/** Installing Debian's Postgres would start a cluster on port 5432, which no test asked for. Returns the way back. */
function preventCluster(): () => void {
  const folder = '/etc/postgresql-common/createcluster.d';
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/backyard-tests.conf`;
  writeFileSync(file, 'create_main_cluster = false\n');
  return () => rmSync(file, { force: true });
}

async function runApt(args: readonly string[]): Promise<boolean> {
  console.log(`apt-get ${args.join(' ')}`);
  const { exitCode, output } = await runCommand(['apt-get', '-q', ...args], {
    cwd: projectRoot,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    deadlineMs: 600_000,
    output: 'keep',
  });
  if (exitCode !== 0) console.log(output);
  return exitCode === 0;
}

function nameOf({ proof }: Component): string {
  return proof[0] ?? '';
}
