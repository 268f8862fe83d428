import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gateway, type RestRequest, type RestResponse } from '../../src/tenants/gateway.ts';
import { createNastyDatabase, type TestDatabase } from '../support/database.ts';
import { requestWith } from './fuzz-requests.ts';
import { nastySettings, SECRET, signToken } from './rest-client.ts';

const RUNS = 1_000;
const PER_RUN = 20;
const LIMIT_MS = 240_000;
const MARKER = 'marker-of-another-tenant';

let own: TestDatabase;
let foreign: TestDatabase;
const unexpected: string[] = [];
const gateway = new Gateway({
  log: {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (fields, message) => unexpected.push(`${message}: ${JSON.stringify(fields)}`),
  },
});

beforeAll(async () => {
  [own, foreign] = await Promise.all([createNastyDatabase(), createNastyDatabase()]);
  await foreign.run(`
    UPDATE api.artists SET name = '${MARKER}' || id;
    UPDATE api.items SET name = '${MARKER}', note = '${MARKER}';
    UPDATE api.works SET title = '${MARKER}', details = '{"technique": "${MARKER}"}';
    UPDATE api.museums SET city = '${MARKER}';
    UPDATE api.notes SET body = '${MARKER}'`);
  // Nothing stays, so each request meets the same database.
  const keys = { 'db-tx-end': 'rollback', 'db-plan-enabled': true };
  await gateway.setTenant('own', await nastySettings(own, keys));
  await gateway.setTenant(
    'foreign',
    await nastySettings(foreign, { ...keys, 'jwt-secret': `${SECRET} too` }),
  );
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([own.drop(), foreign.drop()]);
});

/** What is wrong with an answer; `null`: nothing. */
function findFlaw({ method }: RestRequest, { status, headers, body }: RestResponse): string | null {
  const text = body === null ? '' : String(body);
  if (`${text}${JSON.stringify(headers)}`.includes(MARKER)) return 'shows what another tenant holds';
  if (status < 400) return null;
  if (method === 'HEAD') return status === 500 && !isOfPostgres(headers) ? 'HEAD met 500' : null;
  const envelope = parse(text);
  const keys = Object.keys(envelope ?? {}).sort();
  if (envelope === undefined || keys.join() !== 'code,details,hint,message') return 'is no envelope';
  if (status === 500 && !isOfPostgres(headers)) return '500';
  if (envelope.code === '42P02') return 'names a parameter that is not there';
  // Of the types of text search, whose text is the client's.
  const isTextSearch = /in ts(?:query|vector)|escaped character/.test(String(envelope.message));
  return envelope.code === '42601' && !isTextSearch ? 'is a syntax error of ours' : null;
}

/** A view that cannot be written is 500 in PostgREST, by its class 55. */
function isOfPostgres(headers: RestResponse['headers']): boolean {
  return headers['proxy-status'] === 'PostgREST; error=55000';
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

test(
  'whatever comes is answered, honestly and from the right database',
  async () => {
    const seed = Number(process.env.BACKYARD_FUZZ_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`BACKYARD_FUZZ_SEED=${seed}\n`);
    const tokens = [
      await signToken({ role: 'web_user', sub: 'ann' }),
      await signToken({ role: 'web_user', sub: 'bob' }),
      await signToken({ role: 'web_editor', sub: `'; DROP TABLE api.artists; --` }),
      await signToken({ role: 'web_user' }, `${SECRET} too`),
      await signToken({ role: `web_anon"; RESET ROLE; --` }),
    ];
    const byStatus = new Map<number, number>();
    const property = fc.asyncProperty(
      fc.array(requestWith(tokens), { minLength: PER_RUN, maxLength: PER_RUN, size: 'max' }),
      async (requests) => {
        // The other tenant works at the same time, on the same requests.
        const [first] = requests;
        const disturbance = first === undefined ? undefined : gateway.handle('foreign', first);
        const answers = await Promise.all(requests.map((request) => gateway.handle('own', request)));
        await disturbance;
        for (const [index, answer] of answers.entries()) {
          byStatus.set(answer.status, (byStatus.get(answer.status) ?? 0) + 1);
          const request = requests[index] as RestRequest;
          const flaw = findFlaw(request, answer);
          if (flaw !== null)
            throw new Error(`${flaw}: ${shown(request)} → ${answer.status} ${String(answer.body)}`);
        }
        if (unexpected.length > 0) throw new Error(unexpected.join('\n'));
      },
    );
    await fc.assert(property, { seed, numRuns: RUNS });
    expect([...byStatus.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(
      RUNS * PER_RUN,
    );
    // It would prove little if nothing came through.
    expect(byStatus.get(200)).toBeGreaterThan(RUNS);
    expect(await own.run('SELECT count(*)::int AS artists FROM api.artists')).toEqual([{ artists: 4 }]);
  },
  LIMIT_MS,
);

function shown({ method, url, headers, body }: RestRequest): string {
  return `${method} ${JSON.stringify(url)} ${JSON.stringify(headers)} ${JSON.stringify(String(body))}`;
}
