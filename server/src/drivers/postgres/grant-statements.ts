/** GRANT and REVOKE texts for differences: one statement for each object and grantee. */
import type { Misowned, PrivilegeDifference } from './inside-catalog.ts';
import { ident, qualified } from './quote.ts';

/** A role in a GRANT or REVOKE; null is PUBLIC. */
export function grantee(role: string | null): string {
  return role === null ? 'PUBLIC' : ident(role);
}

/** Revokes what should not be; CASCADE, because it may have been handed on. */
export function revokeStatements(differences: readonly PrivilegeDifference[]): string[] {
  return group(differences).map(([first, privileges]) => {
    const option = first.optionOnly ? 'GRANT OPTION FOR ' : '';
    return `${prefix(first)}REVOKE ${option}${privileges} ON ${object(first)} FROM ${grantee(first.grantee)} CASCADE`;
  });
}

/** Grants what is missing. */
export function grantStatements(differences: readonly PrivilegeDifference[]): string[] {
  return group(differences).map(
    ([first, privileges]) =>
      `${prefix(first)}GRANT ${privileges} ON ${object(first)} TO ${grantee(first.grantee)}`,
  );
}

/** Gives tables and schemas to the role that should own them. */
export function ownerStatements(misowned: readonly Misowned[], owner: string): string[] {
  return misowned.map((object) => {
    const name = object.schema === null ? ident(object.name) : qualified(object.schema, object.name);
    const kind = object.kind === 'schema' ? 'SCHEMA' : object.kind === 'sequence' ? 'SEQUENCE' : 'TABLE';
    return `ALTER ${kind} ${name} OWNER TO ${ident(owner)}`;
  });
}

function group(differences: readonly PrivilegeDifference[]): [PrivilegeDifference, string][] {
  const groups = new Map<string, { first: PrivilegeDifference; privileges: Set<string> }>();
  for (const one of differences) {
    const key = JSON.stringify([
      one.kind,
      one.schema,
      one.name,
      one.column,
      one.creator,
      one.grantee,
      one.optionOnly,
    ]);
    const seen = groups.get(key) ?? { first: one, privileges: new Set<string>() };
    seen.privileges.add(one.column === null ? one.privilege : `${one.privilege} (${ident(one.column)})`);
    groups.set(key, seen);
  }
  return [...groups.values()].map(({ first, privileges }) => [first, [...privileges].join(', ')]);
}

function prefix(difference: PrivilegeDifference): string {
  if (difference.creator === null) return '';
  const scope = difference.schema === null ? '' : `IN SCHEMA ${ident(difference.schema)} `;
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(difference.creator)} ${scope}`;
}

function object(difference: PrivilegeDifference): string {
  const { kind, schema, name } = difference;
  switch (kind) {
    case 'schema':
      return `SCHEMA ${ident(name)}`;
    case 'function':
      // A signature from our own constant list, so it needs no quoting.
      return `FUNCTION ${name}`;
    case 'default':
      return name;
    case 'sequence':
      return `SEQUENCE ${qualified(schema ?? '', name)}`;
    default:
      return `TABLE ${qualified(schema ?? '', name)}`;
  }
}
