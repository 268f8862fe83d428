import { readFileSync } from 'node:fs';
import path from 'node:path';
import { listProjectFiles, projectRoot } from './project-files.ts';

// Rules about source that Biome, tsc and the layers cannot state. Patterns are written so that they do not
// match themselves.

type LineRule = { name: string; pattern: RegExp; why: string; only?: RegExp; except?: RegExp };

const lineRules: readonly LineRule[] = [
  {
    name: 'unfinished-work',
    pattern: /\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b|not implement[e]d/,
    why: 'finish it, or open an issue and leave no mark in the code',
    // The published text of PGRST127, which clients read.
    except: /^gateway\/src\/plan\/(?:read-faults|plan-read\.test)\.ts$/,
  },
  {
    name: 'silenced-compiler',
    pattern: /@ts-(?:ignor[e]|nochec[k])/,
    why: 'make the types say what is true',
  },
  {
    name: 'silenced-test',
    pattern: /\b(?:describe|suite|it|test)(?:\.\w+)*\.(?:skip|only|todo|fails)\b\(?/,
    why: 'a test that needs a component says so with skipIf or context.skip(reason)',
  },
  {
    name: 'mock',
    pattern: /\bvi\.(?:mock|doMock|hoisted|stubGlobal|spyOn)\(/,
    why: 'nothing of ours is mocked, and fetch, processes and drivers are real',
  },
  {
    name: 'shell',
    pattern: /\bshell: true\b|\b(?:exec|execSync)\(['"`]/,
    why: 'programs get argument arrays, never a shell',
  },
  {
    name: 'impure-domain',
    pattern:
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\brandomUUID\(|\bset(?:Timeout|Interval)\(/,
    why: 'the domain has no clock, no timer and no randomness: they come in as arguments',
    only: /^server\/src\/domain\//,
    except: /\.test\.ts$/,
  },
  {
    name: 'type-name',
    pattern:
      /\b(?:class|interface|type) \w*(?:Utils?|Helpers?|Manager|Handler|Info)\b(?:<.*>)? (?:[={]|extends|implements)/,
    why: 'name the thing by the word of its field',
  },
];

const bannedWords = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'manager',
  'handler',
  'handlers',
]);
const bannedNames = new Set([...bannedWords, 'service', 'data', 'info', 'misc']);
/** Folders of the contract that is called so by its clients. */
const contractNames = new Set(['postgrest-manager']);

const files = listProjectFiles(projectRoot);
const problems = [
  ...files.filter((file) => /\.[cm]?tsx?$/.test(file)).flatMap(checkLines),
  ...files.flatMap(checkNames),
  ...checkLockfile(),
];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else {
  console.log(`${files.length} files keep the source rules`);
}

function checkLines(file: string): string[] {
  const rules = lineRules.filter(({ only, except }) => (only?.test(file) ?? true) && !except?.test(file));
  const lines = readFileSync(path.join(projectRoot, file), 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    rules
      .filter(({ pattern }) => pattern.test(line))
      .map(({ name, why }) => `${file}:${index + 1}: ${name}: ${why}\n    ${line.trim()}`),
  );
}

function checkNames(file: string): string[] {
  const segments = file.split('/').map((segment) => segment.replace(/\..*$/, ''));
  return segments
    .filter(isBannedName)
    .map((name) => `${file}: file-name: "${name}" says nothing; name it after what it is`);
}

function isBannedName(name: string): boolean {
  if (contractNames.has(name)) return false;
  return bannedNames.has(name) || name.split('-').some((word) => bannedWords.has(word));
}

function checkLockfile(): string[] {
  const lockfile = readFileSync(path.join(projectRoot, 'package-lock.json'), 'utf8');
  const count = lockfile.match(/"resolved": "https?:/g)?.length ?? 0;
  if (count === 0) return [];
  return [
    `package-lock.json: lockfile: ${count} download addresses; .npmrc keeps them out of a fresh npm install`,
  ];
}
