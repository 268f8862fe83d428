import type { Readable } from 'node:stream';

/** Where dumps lie. Operations are handed one; they know no path. */
export interface BackupFiles {
  /** Stores an upload and tells its size. Faults with `backup.too-large`; nothing is kept then. */
  receive(jobId: string, upload: Readable, maxBytes: number): Promise<number>;
  /** `undefined` when the file is gone. */
  open(jobId: string): Promise<{ readonly stream: Readable; readonly sizeBytes: number } | undefined>;
  delete(jobId: string): Promise<void>;
}
