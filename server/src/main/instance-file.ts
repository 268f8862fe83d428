/** Small files in the data directory that make a run recognise what an earlier run left. */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER_ONLY = 0o600;

/** Reads a file, or makes it once: complete from the moment it exists, whoever else starts. */
async function readOrCreate(path: string, create: () => string): Promise<string> {
  const existing = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (existing?.trim()) return existing.trim();
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, `${create()}\n`, { mode: OWNER_ONLY, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

/** The name of this installation: what an earlier run of it left waiting is found by it. */
export function readInstanceId(dataDir: string): Promise<string> {
  return readOrCreate(join(dataDir, 'instance-id'), randomUUID);
}

/** The secret key of an installation that was given none. */
export function readSecretKeyFile(dataDir: string): Promise<string> {
  return readOrCreate(join(dataDir, 'secret.key'), () => randomBytes(32).toString('base64'));
}
