/**
 * Until the accounts of Backyard could be managed from here, `users` meant the logins of a database, which are
 * `pgusers` now. Scripts that say `users create <database> <username>` go on working.
 */
import { parseArgs } from 'node:util';

/** What has a value, so that the value is not taken for an argument. */
const optionsWithValue = ['url', 'level', 'email', 'username', 'rate', 'burst'];

export interface Spelling {
  readonly words: readonly string[];
  /** What to say instead from now on. */
  readonly hint?: string;
}

/** The words of a command line with `pgusers` for a `users` that names a database first. */
export function inNewSpelling(words: readonly string[]): Spelling {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(optionsWithValue.map((name) => [name, { type: 'string' } as const])),
    strict: false,
    tokens: true,
  });
  const [noun, verb, ...others] = tokens.filter((token) => token.kind === 'positional');
  if (noun?.value !== 'users' || verb === undefined) return { words };
  const hasLevel = tokens.some((token) => token.kind === 'option' && token.name === 'level');
  if (!namesDatabase(verb.value, others.length, hasLevel)) return { words };
  return {
    words: words.with(noun.index, 'pgusers'),
    hint: `hint: \`users\` means the accounts of Backyard now. For the logins of a database write: backyard pgusers ${verb.value}`,
  };
}

function namesDatabase(verb: string, argumentsAfter: number, hasLevel: boolean): boolean {
  switch (verb) {
    case 'list':
    case 'ls':
      return argumentsAfter === 1;
    case 'create':
      return argumentsAfter === 2 || hasLevel;
    case 'delete':
    case 'rm':
    case 'rotate-password':
      return argumentsAfter === 2;
    default:
      return false;
  }
}
