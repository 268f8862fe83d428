import type { Command } from 'commander';
import { type Client, createClient } from './client.ts';
import { configPath, findLogin, type StoredLogin } from './credentials.ts';
import { createOutput, type Output } from './output/output.ts';
import { chooseTarget } from './target.ts';

/** Options that every command takes, before or after its name. */
interface GlobalOptions {
  readonly url?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

/** What a command works with. */
export interface Context {
  readonly client: Client;
  readonly output: Output;
  readonly baseUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly configPath: string;
  readonly stored: StoredLogin | undefined;
  /** False when the credential comes from the environment, or there is none. */
  readonly usesStored: boolean;
}

/** Settles the options, the environment and the stored sign-in for one run of a command. */
export async function openContext(command: Command): Promise<Context> {
  const { url } = command.optsWithGlobals<GlobalOptions>();
  const environment = process.env;
  const path = configPath(environment);
  const stored = await findLogin(path);
  const target = chooseTarget(url, environment, stored);
  return {
    client: createClient(target),
    output: openOutput(command),
    baseUrl: target.baseUrl,
    environment,
    configPath: path,
    stored,
    usesStored: stored !== undefined && target.token === stored.token,
  };
}

/** The output alone, for a command that calls no server. */
export function openOutput(command: Command): Output {
  const { json, quiet, color } = command.optsWithGlobals<GlobalOptions>();
  return createOutput({
    json: json === true,
    quiet: quiet === true,
    color,
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}
