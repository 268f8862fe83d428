import type { Command } from 'commander';
import type { Answer, Client } from '../../client.ts';
import { openContext } from '../../context.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { relativeTime } from '../../output/time.ts';
import { listAllPages } from '../../paging.ts';

export type Session = Answer<'session.list'>['sessions'][number];

const columns: readonly Column<Session>[] = [
  { title: 'ID', cell: (session) => session.id },
  { title: 'SIGNED IN', cell: (session) => relativeTime(session.created_at) },
  { title: 'BY', cell: (session) => session.method },
  { title: 'LAST SEEN', cell: (session) => relativeTime(session.last_seen_at) },
  { title: 'EXPIRES', cell: (session) => relativeTime(session.expires_at) },
  { title: 'ADDRESS', cell: (session) => session.address ?? '-' },
  { title: 'WITH', cell: (session) => (session.is_current ? 'this sign-in' : (session.user_agent ?? '-')) },
];

export function declareListSessions(sessions: Command): void {
  sessions
    .command('list')
    .alias('ls')
    .description('List where you are signed in, newest first')
    .action(async (_options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const found = await output.waitFor('Listing sessions', listSessions(client));
      output.result({ sessions: found, total: found.length }, () =>
        found.length === 0 ? 'No sessions: an API key is none.' : renderTable(columns, found, output.strong),
      );
    });
}

function listSessions(client: Client): Promise<Session[]> {
  return listAllPages(
    (session) => session.id,
    async (limit, offset) => {
      const query = { limit: String(limit), offset: String(offset) };
      const { sessions, total } = await client.call('session.list', { query });
      return { items: sessions, total };
    },
  );
}
