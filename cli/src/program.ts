import { Command } from 'commander';
import { declareCreateDatabase } from './commands/databases/create.ts';
import { declareDeleteDatabase } from './commands/databases/delete.ts';
import { declareListDatabases } from './commands/databases/list.ts';
import { declareShowDatabase } from './commands/databases/show.ts';
import { declareUndeleteDatabase } from './commands/databases/undelete.ts';
import { declareCreateKey } from './commands/keys/create.ts';
import { declareListKeys } from './commands/keys/list.ts';
import { declareRevokeKey } from './commands/keys/revoke.ts';
import { declareCreatePgUser } from './commands/pgusers/create.ts';
import { declareDeletePgUser } from './commands/pgusers/delete.ts';
import { declareListPgUsers } from './commands/pgusers/list.ts';
import { declareRotatePgPassword } from './commands/pgusers/rotate-password.ts';
import { declarePsql } from './commands/psql/psql.ts';
import { declareLogin } from './commands/session/login.ts';
import { declareLogout } from './commands/session/logout.ts';
import { declarePasswd } from './commands/session/passwd.ts';
import { declareWhoami } from './commands/session/whoami.ts';
import { declareListSessions } from './commands/sessions/list.ts';
import { declareRevokeSession } from './commands/sessions/revoke.ts';
import { declareCreateUser } from './commands/users/create.ts';
import { declareDeactivateUser } from './commands/users/deactivate.ts';
import { declareUserKeys } from './commands/users/keys.ts';
import { declareListUsers } from './commands/users/list.ts';
import { declareRevokeUserKey } from './commands/users/revoke-key.ts';
import { declareShowUser } from './commands/users/show.ts';
import { declareUpdateUser } from './commands/users/update.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { defaultUrl } from './target.ts';
import { version } from './version.ts';

const help = `
Environment:
  BACKYARD_URL       the server, when --url is absent
  BACKYARD_TOKEN     a token or API key, instead of the stored sign-in
  BACKYARD_PASSWORD  the password for login
  NO_COLOR           no colours
${exitCodeHelp}`;

/** Every command; `afterDashes` is what followed `--` and belongs to psql. */
export function createProgram(afterDashes: readonly string[]): Command {
  const program = new Command('backyard')
    .description('Postgres databases and their logins, one command away.')
    .version(version, '-V, --version')
    .option('--url <url>', `the server (default: where you signed in, else ${defaultUrl})`)
    .option('--json', "print the server's answer as JSON")
    .option('-q, --quiet', 'results and errors only: no hints, no spinner')
    .option('--no-color', 'no colours')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help for the usage.')
    .addHelpText('after', help)
    .configureOutput({ outputError: (text, write) => write(onOneLine(text)) })
    .exitOverride();
  // The prompts know only the variable.
  program.on('option:no-color', () => {
    process.env.NO_COLOR = '1';
  });
  declareLogin(program);
  declareLogout(program);
  declareWhoami(program);
  declarePasswd(program);
  declareSessions(program.command('sessions').description('See and end where you are signed in'));
  declareDatabases(program.command('databases').alias('db').description('Create and manage databases'));
  declarePgUsers(program.command('pgusers').description('Create and manage the logins of a database'));
  declarePsql(program, afterDashes);
  declareKeys(program.command('keys').description('Create and manage your API keys'));
  declareUsers(
    program.command('users').description('Create and manage the users of Backyard (administrators)'),
  );
  return program;
}

/** Commander puts its suggestion on a line of its own; an error is one line here. */
function onOneLine(text: string): string {
  return `${text.trimEnd().replaceAll('\n', ' ')}\n`;
}

function declareDatabases(databases: Command): void {
  declareCreateDatabase(databases);
  declareListDatabases(databases);
  declareShowDatabase(databases);
  declareDeleteDatabase(databases);
  declareUndeleteDatabase(databases);
}

function declarePgUsers(pgusers: Command): void {
  declareCreatePgUser(pgusers);
  declareListPgUsers(pgusers);
  declareRotatePgPassword(pgusers);
  declareDeletePgUser(pgusers);
}

function declareSessions(sessions: Command): void {
  declareListSessions(sessions);
  declareRevokeSession(sessions);
}

function declareUsers(users: Command): void {
  declareCreateUser(users);
  declareListUsers(users);
  declareShowUser(users);
  declareUpdateUser(users);
  declareDeactivateUser(users);
  declareUserKeys(users);
  declareRevokeUserKey(users);
}

function declareKeys(keys: Command): void {
  declareCreateKey(keys);
  declareListKeys(keys);
  declareRevokeKey(keys);
}
