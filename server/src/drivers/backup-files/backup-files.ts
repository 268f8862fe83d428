/** Dumps on the disk: one file a job, readable by us only. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../kernel/fault.ts';

const SUFFIX = '.dump';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface BackupDirectory {
  pathOf(jobId: string): string;
  receive(jobId: string, upload: Readable, maxBytes: number): Promise<number>;
  open(jobId: string): Promise<{ stream: Readable; sizeBytes: number } | undefined>;
  delete(jobId: string): Promise<void>;
  /** Ids of all jobs that have a file, whether or not the job still exists. */
  list(): Promise<string[]>;
}

/** Opens the directory, creating it when absent. */
export async function openBackupDirectory(dir: string): Promise<BackupDirectory> {
  await mkdir(dir, { recursive: true, mode: 0o700 });

  function pathOf(jobId: string): string {
    if (!UUID.test(jobId)) throw new Error('a job id that is no UUID names no file');
    return join(dir, `${jobId}${SUFFIX}`);
  }

  return {
    pathOf,
    receive: (jobId, upload, maxBytes) => receive(pathOf(jobId), upload, maxBytes),
    open: (jobId) => openFile(pathOf(jobId)),
    delete: (jobId) => rm(pathOf(jobId), { force: true }),
    list: async () =>
      (await readdir(dir))
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .filter((id) => UUID.test(id)),
  };
}

/** Complete or absent: an upload that breaks off leaves no file under the job's name. */
async function receive(path: string, upload: Readable, maxBytes: number): Promise<number> {
  let sizeBytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) done(new Fault('backup.too-large', 'the upload is too large', { maxBytes }));
      else done(null, chunk);
    },
  });
  const draft = `${path}.part`;
  try {
    await pipeline(upload, counted, createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, path);
    return sizeBytes;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function openFile(path: string): Promise<{ stream: Readable; sizeBytes: number } | undefined> {
  try {
    const { size } = await stat(path);
    const file = await open(path, 'r');
    return { stream: createReadStream('', { fd: file }), sizeBytes: size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
