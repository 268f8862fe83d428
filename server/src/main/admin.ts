/**
 * Users from the command line of the server's own machine, for what no API can do: getting in when nobody
 * can sign in. Works while Backyard runs, with the same environment.
 *
 *   npm run admin -- create-user --username ada --email ada@example.org [--admin] [--password-stdin]
 *   npm run admin -- set-password --username ada [--password-stdin]
 *   npm run admin -- deactivate-user --username ada
 *   npm run admin -- reseal-secrets
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { hasLength, isUsername, limitsOf, PASSWORD_LENGTH, USERNAME_LENGTH } from '../domain/user.ts';
import { emailFault } from '../domain/user-email.ts';
import { Fault } from '../kernel/fault.ts';
import { hashPassword } from '../kernel/password.ts';
import { keyRing } from '../kernel/seal.ts';
import { randomText } from '../kernel/token.ts';
import { insertSystemAudit } from '../store/audit.ts';
import { notifyUserChanged } from '../store/changes.ts';
import { resealAll } from '../store/secrets.ts';
import { revokeSessionsOf } from '../store/sessions.ts';
import { openStore, type Session, type Store } from '../store/store.ts';
import {
  findUserByName,
  hasOtherActiveAdmin,
  insertUser,
  type StoredUser,
  setUserActive,
  setUserPassword,
  takenPartOf,
} from '../store/users.ts';
import { type Config, loadConfig } from './config.ts';
import { readSecretKeyFile } from './instance-file.ts';
import { getOwnConnection } from './own-connection.ts';

const USAGE = `Usage:
  npm run admin -- create-user --username NAME [--email ADDRESS] [--admin] [--password-stdin]
  npm run admin -- set-password --username NAME [--password-stdin]
  npm run admin -- deactivate-user --username NAME
  npm run admin -- reseal-secrets        (with the new SECRET_KEY, and the old one in SECRET_KEY_PREVIOUS)
`;
const RESEAL = 'reseal-secrets';

interface Arguments {
  readonly command: string;
  readonly username: string;
  readonly email: string | null;
  readonly isAdmin: boolean;
  /** `null`: one is made and printed. */
  readonly password: string | null;
}

const GENERATED_LENGTH = 24;

async function parseArguments(argv: readonly string[]): Promise<Arguments> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      username: { type: 'string' },
      email: { type: 'string' },
      admin: { type: 'boolean', default: false },
      'password-stdin': { type: 'boolean', default: false },
    },
  });
  const [command] = positionals;
  if (command === RESEAL) return { command, username: '', email: null, isAdmin: false, password: null };
  if (!command || !values.username) throw new Fault('usage', USAGE);
  const password = values['password-stdin'] ? (await text(process.stdin)).replace(/\r?\n$/, '') : null;
  const { username, email = null, admin } = values;
  assertRules(username, email, password);
  return { command, username, email, isAdmin: admin, password };
}

/** The rules are those of the API. Fault: `usage`. */
function assertRules(username: string, email: string | null, password: string | null): void {
  if (!isUsername(username)) {
    const { min, max } = USERNAME_LENGTH;
    throw new Fault(
      'usage',
      `The user name must have ${min} to ${max} characters, and no control characters.`,
    );
  }
  const fault = email === null ? undefined : emailFault(email);
  if (fault !== undefined) throw new Fault('usage', `--email: ${fault}`);
  if (password !== null && !hasLength(password, PASSWORD_LENGTH)) {
    const { min, max } = PASSWORD_LENGTH;
    throw new Fault('usage', `The password must have at least ${min} characters, and at most ${max}.`);
  }
}

async function getUser(db: Session, username: string): Promise<StoredUser> {
  const user = await findUserByName(db, username);
  if (!user) throw new Fault('user.not-found', `There is no user ${username}.`);
  return user;
}

async function createUser(db: Session, args: Arguments, config: Config, hash: string): Promise<StoredUser> {
  const limits = limitsOf(config.rateLimits, args.isAdmin);
  try {
    return await insertUser(db, {
      username: args.username,
      email: args.email,
      passwordHash: hash,
      isAdmin: args.isAdmin,
      rateLimitPerSecond: limits.perSecond,
      rateLimitBurst: limits.burst,
    });
  } catch (error) {
    if (takenPartOf(error) === undefined) throw error;
    throw new Fault('user.taken', `The name ${args.username} or its e-mail address is taken.`, {}, error);
  }
}

async function change(db: Session, args: Arguments, config: Config, password: string): Promise<StoredUser> {
  switch (args.command) {
    case 'create-user':
      return createUser(db, args, config, await hashPassword(password));
    case 'set-password': {
      const user = await getUser(db, args.username);
      await setUserPassword(db, user.id, await hashPassword(password));
      await revokeSessionsOf(db, user.id);
      return user;
    }
    case 'deactivate-user':
      return deactivateUser(db, await getUser(db, args.username));
    default:
      throw new Fault('usage', USAGE);
  }
}

/** Whoever has a shell on this machine may shut everybody out: the same shell makes the next administrator. */
async function deactivateUser(db: Session, user: StoredUser): Promise<StoredUser> {
  if (user.is_admin && user.is_active && !(await hasOtherActiveAdmin(db, user.id))) {
    process.stderr.write(
      `Warning: ${user.username} was the last active administrator. create-user --admin makes another one.\n`,
    );
  }
  await setUserActive(db, user.id, false);
  await revokeSessionsOf(db, user.id);
  return user;
}

async function run(store: Store, args: Arguments, config: Config): Promise<void> {
  const password = args.password ?? randomText(GENERATED_LENGTH);
  await store.transaction().execute(async (db) => {
    const user = await change(db, args, config, password);
    await insertSystemAudit(db, {
      actor: 'command line',
      action: `user.${args.command}`,
      targetKind: 'user',
      targetId: String(user.id),
      targetName: user.username,
      outcome: 'done',
    });
    await notifyUserChanged(db, user.id);
  });
  const showsPassword = args.command !== 'deactivate-user' && args.password === null;
  process.stdout.write(`${args.command} ${args.username}: done\n`);
  if (showsPassword) process.stdout.write(`Password, shown this once: ${password}\n`);
}

/** After this nothing is left that an earlier key sealed, and `SECRET_KEY_PREVIOUS` can be unset. */
async function reseal(store: Store, config: Config): Promise<void> {
  const secretKey = config.secretKey ?? (await readSecretKeyFile(config.dataDir));
  const ring = keyRing(secretKey, config.earlierSecretKeys);
  const count = await store.transaction().execute((db) => resealAll(db, ring));
  process.stdout.write(`${count} secrets are sealed with the current SECRET_KEY\n`);
}

async function main(): Promise<void> {
  let store: Store | undefined;
  try {
    const args = await parseArguments(process.argv.slice(2));
    const config = loadConfig();
    const url = await getOwnConnection(config);
    store = openStore({ url, applicationName: 'backyard admin', maxConnections: 1 }, () => undefined);
    if (args.command === RESEAL) await reseal(store, config);
    else await run(store, args, config);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await store?.destroy();
  }
}

await main();
