/** Dumps and restores through the API, on a cluster whose pg_dump is at hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Api } from './support/api.ts';
import { as, connect } from './support/cluster.ts';
import {
  type DebianPostgres,
  debianPostgres,
  type OwnCluster,
  startDebianPostgres,
} from './support/debian-postgres.ts';
import { createPerson, theAdmin } from './support/people.ts';
import { type Product, startProduct, useProduct } from './support/product.ts';
import { createDatabase, createPgUser, softDelete, unknownId } from './support/resources.ts';
import { until } from './support/until.ts';
import type { CreatedPgUser, Database } from './support/wire.ts';

interface Job {
  readonly backup_job_id: string;
  readonly database_id: string;
  readonly type: 'backup' | 'restore';
  readonly status: string;
  readonly file_size: number;
  readonly error_message?: string;
}

const postgres = debianPostgres();
const MAX_BYTES = 5_000_000;

describe.skipIf(postgres === undefined)('backups', () => {
  let cluster: OwnCluster;
  let product: Product;
  let owner: Api;
  let database: Database;
  let writer: CreatedPgUser;
  let reader: CreatedPgUser;

  beforeAll(async () => {
    const { bin } = postgres as DebianPostgres;
    cluster = await startDebianPostgres(postgres as DebianPostgres);
    product = await startProduct({
      env: {
        DATABASE_URL: cluster.dsn,
        SECRET_KEY: 'Qk3v9Zt7Lw2Xr8Ny4Bm6Hs1Jd5Fp0GcVb7n',
        PG_BIN_DIR: bin,
        PGWEB_RESTORE_MAX_BYTES: String(MAX_BYTES),
      },
    });
    owner = (await createPerson(product, 'owner')).api;
    database = await createDatabase(owner);
    writer = await createPgUser(owner, database.database_id, 'write');
    reader = await createPgUser(owner, database.database_id, 'read');
    await as(writer.connection, (client) =>
      client.query(
        'create table orders (id serial primary key, what text); insert into orders (what) values (1)',
      ),
    );
  });

  afterAll(async () => {
    await product?.dispose();
    await cluster?.stop();
  });

  const path = (rest: string) => `/api/databases/${database.database_id}/${rest}`;

  function upload(raw: string | Buffer, api = owner): Promise<Answer<Job & { error?: string }>> {
    const headers = { 'content-type': 'application/octet-stream' };
    return api.send({ method: 'POST', path: path('restore'), raw, headers });
  }

  async function ended(job: Job): Promise<Job> {
    return until(
      async () => {
        const { body, status } = await owner.get<Job>(path(`${job.type}/${job.backup_job_id}`));
        expect(status).toBe(200);
        return (body.status === 'completed' || body.status === 'failed') && body;
      },
      { what: `the ${job.type} ends`, timeoutMs: 60_000 },
    );
  }

  async function backedUp(): Promise<{ job: Job; dump: Buffer }> {
    const started = await owner.post<Job>(path('backup'));
    expect(started.status, started.text).toBe(202);
    expect(started.body).toMatchObject({ type: 'backup', database_id: database.database_id });
    const job = await ended(started.body);
    expect(job).toMatchObject({ status: 'completed' });
    const response = await fetch(`${product.url}${path(`backup/${job.backup_job_id}/download`)}`, {
      headers: { authorization: `Bearer ${owner.token}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="${database.pg_database_name}.dump"`,
    );
    const dump = Buffer.from(await response.arrayBuffer());
    expect(dump.length).toBe(job.file_size);
    expect(dump.subarray(0, 5).toString()).toBe('PGDMP');
    return { job, dump };
  }

  async function orders(login: CreatedPgUser = reader): Promise<unknown[]> {
    return as(
      login.connection,
      async (client) => (await client.query('select what from orders order by id')).rows,
    );
  }

  test('what was dumped comes back, and both users can do what their level says', async () => {
    const { dump } = await backedUp();
    await as(writer.connection, (client) => client.query('drop table orders; create table later ()'));
    const session = await connect(reader.connection);
    const started = await upload(dump);
    expect(started.status, started.text).toBe(202);
    expect(await ended(started.body)).toMatchObject({ type: 'restore', status: 'completed' });
    await expect(session.query('select 1')).rejects.toThrow();
    expect(await orders()).toEqual([{ what: '1' }]);
    await as(writer.connection, (client) =>
      client.query(`insert into orders (what) values ('2'); alter table orders add column more int`),
    );
    expect(await orders()).toEqual([{ what: '1' }, { what: '2' }]);
    await as(reader.connection, async (client) => {
      await expect(client.query('delete from orders')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('select * from later')).rejects.toMatchObject({ code: '42P01' });
    });
    const { status, body } = await owner.get<Database>(`/api/databases/${database.database_id}`);
    expect({ status, state: body.status }).toEqual({ status: 200, state: 'active' });
  });

  test.each([
    ['garbage', Buffer.from('this is no dump of anything')],
    ['plain SQL', Buffer.from('--\n-- PostgreSQL database dump\n--\ndrop table orders;\n')],
  ])('%s fails with a reason, and nothing is lost', async (_, raw) => {
    const before = await orders();
    const job = await ended((await upload(raw)).body);
    expect(job.status).toBe('failed');
    expect(job.error_message).toBeTruthy();
    expect(await orders()).toEqual(before);
  });

  test('a dump that was cut off fails, and nothing is lost', async () => {
    const before = await orders();
    const { dump } = await backedUp();
    const job = await ended((await upload(dump.subarray(0, dump.length - 200))).body);
    expect(job.status).toBe('failed');
    expect(await orders()).toEqual(before);
  });

  test('no upload, too much of it, and more than one job at a time are refused', async () => {
    const empty = await upload('');
    expect([empty.status, empty.body]).toEqual([400, { error: 'Empty upload data' }]);
    const large = await upload(Buffer.alloc(MAX_BYTES + 1));
    expect([large.status, large.body]).toEqual([413, { error: 'Request body too large' }]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => owner.post<Job>(path('backup'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409]);
    const accepted = answers.find(({ status }) => status === 202)?.body as Job;
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({
      error: 'A backup job is already in progress',
      job: { backup_job_id: accepted.backup_job_id },
    });
    await ended(accepted);
  });

  test('ids that are none, of nothing, or of somebody else', async () => {
    const { job } = await backedUp();
    const bad = await owner.get(path('backup/seven'));
    expect([bad.status, bad.body]).toEqual([400, { error: 'Invalid backup job ID format' }]);
    for (const id of [unknownId(), job.backup_job_id]) {
      const kind = id === job.backup_job_id ? 'restore' : 'backup';
      const absent = await owner.get(path(`${kind}/${id}`));
      expect([absent.status, absent.body]).toEqual([404, { error: 'Backup job not found' }]);
    }
    const stranger = (await createPerson(product)).api;
    for (const rest of [`backup/${job.backup_job_id}`, `backup/${job.backup_job_id}/download`]) {
      const foreign = await stranger.get(path(rest));
      expect([foreign.status, foreign.body]).toEqual([
        404,
        { error: 'Database not found or not owned by user' },
      ]);
    }
    expect((await upload('x', stranger)).status).toBe(404);
  });

  test('a closed database is neither dumped nor restored', async () => {
    const closed = await createDatabase(owner);
    await softDelete(owner, closed.database_id);
    for (const kind of ['backup', 'restore']) {
      const refused = await owner.send({
        method: 'POST',
        path: `/api/databases/${closed.database_id}/${kind}`,
        ...(kind === 'restore' && { raw: 'x', headers: { 'content-type': 'application/octet-stream' } }),
      });
      expect([refused.status, refused.body]).toEqual([400, { error: `Database must be active to ${kind}` }]);
    }
  });

  test('a job that a crash cut off has failed, and the next one works', async () => {
    const { dump } = await backedUp();
    const { body: job } = await upload(dump);
    await until(
      async () => {
        const { body } = await owner.get<Job>(path(`restore/${job.backup_job_id}`));
        return body.status !== 'pending';
      },
      { what: 'the restore begins', timeoutMs: 10_000, everyMs: 20 },
    );
    await product.kill();
    await product.start();
    expect(['failed', 'completed']).toContain((await ended(job)).status);
    expect(await orders()).not.toEqual([]);
    expect(await ended((await upload(dump)).body)).toMatchObject({ status: 'completed' });
    const admin = (await theAdmin(product)).api;
    const audit = await admin.get<readonly { action: string }[]>(path('audit'));
    expect(audit.body.map(({ action }) => action)).toContain('restore.end');
  });
});

describe('without a pg_dump that is new enough', () => {
  const embedded = useProduct();

  test('a backup is refused with what to install', async () => {
    const admin = (await theAdmin(embedded())).api;
    const { database_id } = await createDatabase(admin);
    const refused = await admin.post<{ error: string }>(`/api/databases/${database_id}/backup`);
    expect(refused.status).toBe(503);
    expect(refused.body.error).toMatch(/^Backups are not available: .*pg_dump/);
  });
});
