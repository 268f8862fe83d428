import { exitCodes } from './exit-codes.ts';
import { run } from './run.ts';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed);
});
// A terminal that is gone must not stop the cleaning up after it.
process.stderr.on('error', () => undefined);

await run(process.argv.slice(2));
