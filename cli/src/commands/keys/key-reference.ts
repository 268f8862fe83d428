import type { Naming } from '../../reference.ts';

interface NamedKey {
  readonly id: number;
  readonly name: string;
}

export const keyNaming: Naming<NamedKey> = {
  kind: 'key',
  id: (key) => String(key.id),
  name: (key) => key.name,
};

/** A name means the key that still works, for names may be given again; an id means that key always. */
export function keysThatMayBeMeant<K extends NamedKey>(
  keys: readonly K[],
  isRevoked: (key: K) => boolean,
  reference: string,
): K[] {
  return keys.filter((key) => !isRevoked(key) || keyNaming.id(key) === reference);
}
