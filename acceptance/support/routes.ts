/** The table of promised routes: the one thing of the project that this suite reads. */
import { type Method, pathsOf, publicContracts, type Route } from '@backyard/contracts';

export type { Method, Route } from '@backyard/contracts';

/** A route at one of its paths. */
export interface Address {
  readonly contract: string;
  readonly route: Route;
  readonly path: string;
  /** `DELETE /api/databases/{database_id}` */
  readonly label: string;
}

/** Every route at every path, aliases included. */
export const addresses: readonly Address[] = publicContracts.flatMap((contract) =>
  contract.routes.flatMap((route) =>
    pathsOf(route).map((path) => ({
      contract: contract.name,
      route,
      path,
      label: `${route.method} ${path}`,
    })),
  ),
);

/** Paths that belong to a contract, also where no route is. */
export const prefixes: readonly string[] = publicContracts.flatMap((contract) => contract.prefixes);

interface Pattern {
  readonly address: Address;
  readonly expression: RegExp;
  readonly parameters: number;
}

function patternOf(address: Address): Pattern {
  const expression = address.path
    .split(/\{[^}]+\}/)
    .map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+');
  return {
    address,
    expression: new RegExp(`^${expression}$`),
    parameters: address.path.split('{').length - 1,
  };
}

/** Fewest parameters first: a literal path wins over one with a parameter. */
const patterns = addresses.map(patternOf).sort((a, b) => a.parameters - b.parameters);

/** The route that a request goes to, if any is promised. */
export function routeOf(method: string, target: string): Route | undefined {
  const path = target.split('?', 1)[0] ?? '';
  const found = patterns.find(
    ({ address, expression }) => address.route.method === (method as Method) && expression.test(path),
  );
  return found?.address.route;
}
