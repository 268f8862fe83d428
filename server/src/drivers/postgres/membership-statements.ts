/** Revokes of role memberships, which Postgres 16 began to keep once per grantor. */
import { ident } from './quote.ts';

const GRANTOR_MATTERS_SINCE = 160_000;

export interface Membership {
  readonly role: string;
  readonly member: string;
  readonly grantor: string | null;
}

/** Takes each membership back, together with what its member handed on. */
export function revokeMemberships(memberships: readonly Membership[], versionNumber: number): string[] {
  return memberships.map(({ role, member, grantor }) => {
    const by =
      versionNumber >= GRANTOR_MATTERS_SINCE && grantor !== null ? ` GRANTED BY ${ident(grantor)}` : '';
    return `REVOKE ${ident(role)} FROM ${ident(member)}${by} CASCADE`;
  });
}
