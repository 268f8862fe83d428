/** Requests that no route takes: the contract that owns the path answers in its own envelope. */
import { pathsOf } from '@backyard/contracts';
import type { Answer, Problem } from './problem.ts';
import type { Surface } from './surface.ts';

interface Pattern {
  readonly expression: RegExp;
  readonly method: string;
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((segment) => (segment.startsWith('{') ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}

function owns(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** Answers a request that the router did not take: 405 with `Allow` where only the method is wrong, else 404. */
export function unrouted(surfaces: readonly Surface[]): (method: string, url: string) => Answer {
  const patterns: Pattern[] = surfaces.flatMap(({ contract }) =>
    contract.routes.flatMap((route) =>
      pathsOf(route).map((path) => ({ expression: patternOf(path), method: route.method })),
    ),
  );
  const owners = surfaces
    .flatMap((surface) => surface.contract.prefixes.map((prefix) => ({ prefix, surface })))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (method, url) => {
    const path = url.split('?', 1)[0] ?? url;
    const allowed = allowOf(patterns.filter(({ expression }) => expression.test(path)));
    // With the right method there is another reason, such as a path that cannot be decoded.
    const problem: Problem =
      allowed.length === 0 || allowed.includes(method)
        ? { kind: 'not-found' }
        : { kind: 'method', allow: allowed.join(', ') };
    const owner = owners.find(({ prefix }) => owns(prefix, path));
    if (owner) return owner.surface.present(problem, undefined);
    return { status: 404, body: { message: 'Not Found', detail: 'Not Found' } };
  };
}

function allowOf(patterns: readonly Pattern[]): string[] {
  const all = new Set(patterns.map(({ method }) => method));
  if (all.has('GET')) all.add('HEAD');
  return [...all].sort();
}
