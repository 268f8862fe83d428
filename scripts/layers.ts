import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cruise, type ICruiseResult, type IModule } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { listProjectFiles, projectRoot } from './project-files.ts';

// The layer gate. Beside the rules it proves that they were applied to something: a cruiser that cannot
// parse TypeScript, a folder without a rule or an import that nobody saw would otherwise pass in silence.

type LayerTables = { layers: Record<string, string[]>; roots: Record<string, string[]> };

const configPath = path.join(projectRoot, '.dependency-cruiser.mjs');
const tables = (await import(configPath)) as LayerTables;
const sourceRoots = Object.keys(tables.roots).filter((root) => existsSync(path.join(projectRoot, root)));

process.chdir(projectRoot);
const { output } = await cruise(sourceRoots, await extractDepcruiseOptions(configPath));
const result = output as ICruiseResult;

const problems = [...listForbidden(result), ...listFoldersWithoutRule(), ...listUnseen(result.modules)];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else {
  const { totalCruised, totalDependenciesCruised } = result.summary;
  console.log(`${totalCruised} modules and ${totalDependenciesCruised} imports keep the layers`);
}

function listForbidden({ summary }: ICruiseResult): string[] {
  return summary.violations.map((violation) => {
    const rule = summary.ruleSetUsed?.forbidden?.find(({ name }) => name === violation.rule.name);
    const route = violation.cycle?.map((step) => step.name).join(' → ') ?? violation.to;
    return `${violation.from} → ${route}\n    ${violation.rule.name}: ${rule?.comment ?? ''}`;
  });
}

function listFoldersWithoutRule(): string[] {
  const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: string[] };
  const folders = readdirSync('server/src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [
    ...workspaces.filter((name) => !(name in tables.roots)),
    ...folders.map(({ name }) => name).filter((name) => name !== 'main' && !(name in tables.layers)),
  ].map((name) => `${name}: a folder without a row in .dependency-cruiser.mjs`);
}

function listUnseen(modules: IModule[]): string[] {
  const seen = new Map(modules.map((module) => [module.source, module.dependencies]));
  const files = listProjectFiles(projectRoot).filter((file) => file.endsWith('.ts') && isUnderRoot(file));
  return files.flatMap((file) => {
    const dependencies = seen.get(file);
    if (dependencies === undefined) return [`${file}: unseen by dependency-cruiser`];
    const names = new Set(dependencies.map((dependency) => dependency.module));
    return listImports(file)
      .filter((name) => !names.has(name) && !names.has(name.replace(/^node:/, '')))
      .map((name) => `${file}: the import of ${name} is unseen by dependency-cruiser`);
  });
}

function isUnderRoot(file: string): boolean {
  return sourceRoots.some((root) => file.startsWith(`${root}/`));
}

function listImports(file: string): string[] {
  const text = readFileSync(path.join(projectRoot, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom '([^']+)'/gm)].map((match) => match[1] ?? '');
}
