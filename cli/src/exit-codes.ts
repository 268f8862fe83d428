/** What the process answers to the shell. Scripts rely on these numbers: they never change their meaning. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notSignedIn: 3,
  notFound: 4,
  conflict: 5,
  forbidden: 6,
  unreachable: 7,
  tooManyRequests: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `
Exit codes:
  0    done
  1    the server failed, or something unexpected happened
  2    wrong usage, or a value that the server refused
  3    not signed in
  4    not found
  5    conflict: the name is taken, or the state does not allow it
  6    forbidden: a quota or a missing right
  7    the server cannot be reached, or did not answer in time
  8    too many requests: the sentence says how long to wait
  130  interrupted
After \`backyard psql\` has started psql, the exit code is psql's.`;
