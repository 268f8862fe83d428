import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listProjectFiles, projectRoot } from '../project-files.ts';
import type { Plant } from './plant.ts';

export type ScratchCopy = { root: string; plant: (files: Plant['files']) => () => void; delete: () => void };

/**
 * Copies the project's sources to a temporary folder. Packages are links to the installed ones; our own
 * workspaces are links to the copy, so that a planted import never resolves into the real tree.
 */
export function createScratchCopy(): ScratchCopy {
  const root = mkdtempSync(path.join(tmpdir(), 'backyard-gates-'));
  for (const file of listProjectFiles(projectRoot))
    cpSync(path.join(projectRoot, file), path.join(root, file));
  linkPackages(root);
  return {
    root,
    plant: (files) => plantFiles(root, files),
    delete: () => rmSync(root, { recursive: true, force: true }),
  };
}

function linkPackages(root: string): void {
  const installed = path.join(projectRoot, 'node_modules');
  const linked = path.join(root, 'node_modules');
  mkdirSync(path.join(linked, '@backyard'), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== '@backyard') symlinkSync(path.join(installed, name), path.join(linked, name));
  }
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  for (const workspace of workspaces) {
    symlinkSync(path.join(root, workspace), path.join(linked, '@backyard', workspace));
    const nested = path.join(projectRoot, workspace, 'node_modules');
    if (existsSync(nested)) symlinkSync(nested, path.join(root, workspace, 'node_modules'));
  }
}

/** Writes the files and returns what takes them back. */
function plantFiles(root: string, files: Plant['files']): () => void {
  const undo = Object.entries(files).map(([file, text]) => plantFile(root, file, text));
  return () => {
    for (const takeBack of undo.reverse()) takeBack();
  };
}

function plantFile(root: string, file: string, text: Plant['files'][string]): () => void {
  const target = path.join(root, file);
  const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  const firstNewFolder = mkdirSync(path.dirname(target), { recursive: true });
  const after = typeof text === 'string' ? text : text(before ?? '');
  if (after === before)
    throw new Error(`The plant in ${file} changes nothing: the text that it replaces is gone.`);
  writeFileSync(target, after);
  return () => {
    if (before !== undefined) writeFileSync(target, before);
    else rmSync(firstNewFolder ?? target, { recursive: true });
  };
}
