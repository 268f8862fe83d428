import { readdirSync } from 'node:fs';
import path from 'node:path';

export const projectRoot = path.resolve(import.meta.dirname, '..');

const foreignFolders = new Set(['node_modules', '.git', '.cache', '.backyard', 'coverage', 'dist']);

/** Lists every file of the project under `root`, as sorted paths relative to it, with `/` between names. */
export function listProjectFiles(root: string): string[] {
  return [...walk(root, '')].sort();
}

function* walk(root: string, folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const relative = path.posix.join(folder, entry.name);
    if (entry.isDirectory() && !foreignFolders.has(entry.name)) yield* walk(root, relative);
    if (entry.isFile()) yield relative;
  }
}
