/** Places where a test may end the server, or make it fail, as the server lists them itself. */
import { join } from 'node:path';
import { node, projectRoot, runProgram } from './program.ts';

export interface FailPoint {
  /** As `BACKYARD_FAIL_POINT` takes it, without the action. */
  readonly point: string;
  /** `database/active`, `operation/database.create`, `settle/pg_user` */
  readonly place: string;
  /** Last part: a step and a side of it, or a side alone. */
  readonly moment: string;
}

/** Every point, in the order of the program's own list. */
export async function listFailPoints(): Promise<readonly FailPoint[]> {
  const done = await runProgram(node, [join(projectRoot, 'server/src/main/fail-points.ts')]);
  if (done.code !== 0) throw new Error(`fail-points ended with ${done.code}:\n${done.output}`);
  const lines = done.stdout.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [first = '', second = '', ...rest] = line.trim().split('/');
    return { point: line.trim(), place: `${first}/${second}`, moment: rest.join('/') };
  });
}
