/** `backyard-rest`: the command line and the signals. */
import { readFileSync } from 'node:fs';
import { ConfigFault } from '../config/config-fault.ts';
import { ConfigSyntaxError } from '../config/config-syntax-error.ts';
import { readEnvironment } from './environment.ts';
import { EXAMPLE } from './example-config.ts';
import { StartFault } from './listen.ts';
import { HELP, parseArguments } from './parse-arguments.ts';
import { RestProgram } from './rest-program.ts';

async function main(args: readonly string[]): Promise<void> {
  const command = parseArguments(args);
  switch (command.kind) {
    case 'mistake':
      process.stderr.write(`error: ${command.sentence}\n\n${HELP}`);
      process.exitCode = 2;
      return;
    case 'print':
      process.stdout.write({ example: EXAMPLE, help: HELP, version: `${version()}\n` }[command.what]);
      return;
    case 'serve':
      await serve(command.path);
  }
}

async function serve(path: string | null): Promise<void> {
  const handlers = catchSignals();
  const program = await RestProgram.start(path, readEnvironment());
  handlers.use(program);
}

/** From the first moment on: a signal that nobody expects ends a process. What comes too early is kept. */
function catchSignals(): { use(program: RestProgram): void } {
  let program: RestProgram | undefined;
  const early: ((program: RestProgram) => void)[] = [];
  const on = (signal: NodeJS.Signals, act: (program: RestProgram) => void) => {
    process.on(signal, () => {
      if (program === undefined) early.push(act);
      else act(program);
    });
  };
  let isStopping = false;
  const stop = (running: RestProgram) => {
    if (isStopping) return;
    isStopping = true;
    // Whatever still keeps the process alive has had its ten seconds.
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  on('SIGUSR1', (running) => running.reloadSchema());
  on('SIGUSR2', (running) => running.reloadConfig());
  on('SIGTERM', stop);
  on('SIGINT', stop);
  return {
    use(started) {
      program = started;
      for (const act of early) act(started);
    },
  };
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return `backyard-rest ${manifest.version}`;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isTold =
    error instanceof StartFault || error instanceof ConfigFault || error instanceof ConfigSyntaxError;
  if (!isTold) throw error;
  process.stderr.write(`error: ${error instanceof StartFault ? '' : 'configuration: '}${error.message}\n`);
  process.exit(1);
}
