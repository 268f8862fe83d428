/** Places where a test may end the server, or make it fail, as the server lists them itself. */
import { join } from 'node:path';
import { node, projectRoot, runProgram } from './program.ts';

/** Every point as `BACKYARD_FAIL_POINT` takes it, without the action: `database/active/create-groups:before`. */
export async function listFailPoints(): Promise<readonly string[]> {
  const done = await runProgram(node, [join(projectRoot, 'server/src/main/fail-points.ts')]);
  if (done.code !== 0) throw new Error(`fail-points ended with ${done.code}:\n${done.output}`);
  return done.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Those of the points that one of the expressions matches. */
export function matching(points: readonly string[], expressions: readonly RegExp[]): string[] {
  return points.filter((point) => expressions.some((expression) => expression.test(point)));
}
