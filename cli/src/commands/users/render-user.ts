import { type Column, renderPairs } from '../../output/table.ts';
import { relativeTime } from '../../output/time.ts';
import type { User } from './get-user.ts';

export const userColumns: readonly Column<User>[] = [
  { title: 'ID', cell: (user) => String(user.id) },
  { title: 'USERNAME', cell: (user) => user.username },
  { title: 'EMAIL', cell: renderEmail },
  { title: 'ROLE', cell: renderRole },
  { title: 'STATUS', cell: renderStatus },
  { title: 'RATE', cell: renderRate },
  { title: 'CREATED', cell: (user) => relativeTime(user.created_at) },
];

/** What an administrator wants to know of one user. */
export function renderUser(user: User): string {
  return renderPairs([
    ['id', String(user.id)],
    ['email', renderEmail(user)],
    ['role', renderRole(user)],
    ['status', renderStatus(user)],
    ['rate', renderRate(user)],
    ['created', relativeTime(user.created_at)],
    ['changed', relativeTime(user.updated_at)],
  ]);
}

function renderEmail(user: User): string {
  return user.email === '' ? '-' : user.email;
}

function renderRole(user: User): string {
  return user.is_admin ? 'administrator' : 'user';
}

function renderStatus(user: User): string {
  return user.is_active ? 'active' : 'inactive';
}

function renderRate(user: User): string {
  return `${user.rate_limit_per_second}/s, burst ${user.rate_limit_burst}`;
}
