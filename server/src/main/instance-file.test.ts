import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readInstanceId, readSecretKeyFile } from './instance-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'h6-instance-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('the small files of an installation', () => {
  test('are made once and read ever after', async () => {
    const id = await readInstanceId(dir);
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await readInstanceId(dir)).toBe(id);
    const key = await readSecretKeyFile(dir);
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    expect(await readSecretKeyFile(dir)).toBe(key);
    expect((await readdir(dir)).sort()).toEqual(['instance-id', 'secret.key']);
  });

  test('are for their owner only', async () => {
    await readSecretKeyFile(dir);
    expect((await stat(join(dir, 'secret.key'))).mode & 0o777).toBe(0o600);
  });

  test('that somebody else made first are taken as they are', async () => {
    await writeFile(join(dir, 'instance-id'), 'given-before\n');
    expect(await readInstanceId(dir)).toBe('given-before');
  });

  test('that cannot be read are an error, not a new key', async () => {
    await expect(readSecretKeyFile(join(dir, 'no', 'such', 'folder'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await writeFile(join(dir, 'file'), '');
    await expect(readSecretKeyFile(join(dir, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
