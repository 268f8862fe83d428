/** The command line of `backyard-rest`. */
export type Command =
  | { readonly kind: 'serve'; readonly path: string | null }
  | { readonly kind: 'print'; readonly what: 'example' | 'help' | 'version' }
  | { readonly kind: 'mistake'; readonly sentence: string };

const FLAGS: Readonly<Record<string, 'example' | 'help' | 'version'>> = {
  '-e': 'example',
  '--example': 'example',
  '-h': 'help',
  '--help': 'help',
  '-v': 'version',
  '--version': 'version',
};

export const HELP = `Usage: backyard-rest [-v|--version] [-e|--example] [FILENAME]

  PostgREST's REST API for a Postgres database

Available options:
  -h,--help                Show this help text
  -v,--version             Show the version
  -e,--example             Show an example configuration file
  FILENAME                 Path to a configuration file of PostgREST; without
                           one, all settings come from PGRST_ variables

Signals: SIGUSR1 reloads the schema cache, SIGUSR2 the configuration file.
`;

export function parseArguments(args: readonly string[]): Command {
  const [first, ...rest] = args;
  if (first === undefined) return { kind: 'serve', path: null };
  const what = FLAGS[first];
  if (what !== undefined) return { kind: 'print', what };
  if (first.startsWith('-')) return { kind: 'mistake', sentence: `unknown option ${first}` };
  if (rest.length > 0) return { kind: 'mistake', sentence: 'only one configuration file is read' };
  return { kind: 'serve', path: first };
}
