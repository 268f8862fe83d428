import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  {
    proof: ['redis-server', '--version'],
    debianPackage: 'redis-server',
    usedFor: 'limits that replicas share',
  },
  { proof: ['openssl', 'version'], debianPackage: 'openssl', usedFor: 'certificates of servers in tests' },
  { proof: ['chromium', '--version'], debianPackage: 'chromium', usedFor: 'sign-in in a real browser' },
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
  const waysBack = [preventCluster(), preventRedis()];
  const goBack = () => {
    for (const back of waysBack.splice(0)) back();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', goBack);
  const updated = await runApt(['update']);
  const installed = updated && (await runApt(['install', '--yes', '--no-install-recommends', ...packages]));
  goBack();
  if (!installed) return 1;
  if (packages.includes('redis-server') && existsSync('/run/systemd/system')) {
    console.log(
      'From the next boot on Debian starts a Redis; to prevent that: systemctl disable redis-server',
    );
  }
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

/**
 * Installing Debian's redis-server would start a server on port 6379, which no test asked for. A rule that the
 * machine has already is left as it is. Returns the way back.
 */
function preventRedis(): () => void {
  const file = '/usr/sbin/policy-rc.d';
  const rule = [
    '#!/bin/sh',
    "# Made by Backyard's test-deps for the time of an installation; may be deleted.",
    'for word in "$@"; do [ "$word" = redis-server ] && exit 101; done',
    'exit 0',
    '',
  ].join('\n');
  const isForeign = existsSync(file) && readFileSync(file, 'utf8') !== rule;
  if (isForeign) return () => undefined;
  writeFileSync(file, rule, { mode: 0o755 });
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
