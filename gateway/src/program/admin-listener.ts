/** `/live`, `/ready`, `/metrics`, `/schema_cache` and `/config`, as on PostgREST's admin server. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface AdminView {
  /** The server for requests listens. */
  isLive(): boolean;
  isReady(): Promise<boolean>;
  renderMetrics(): string;
  /** Undefined: none is loaded. */
  findSchemaCache(): object | undefined;
  renderConfig(): string;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

export function adminListener(view: AdminView): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(view, (request.url ?? '/').split('?')[0] ?? '/')
      .catch((): Answer => ({ status: 500 }))
      .then(({ status, type, body }) => {
        if (type !== undefined) response.setHeader('content-type', type);
        response.writeHead(status).end(request.method === 'HEAD' ? undefined : body);
      })
      .catch(() => response.destroy());
  };
}

async function answer(view: AdminView, path: string): Promise<Answer> {
  switch (path) {
    case '/live':
      return { status: view.isLive() ? 200 : 500 };
    case '/ready':
      return { status: await readiness(view) };
    case '/metrics':
      return { status: 200, type: TEXT, body: view.renderMetrics() };
    case '/schema_cache':
      return presentCache(view.findSchemaCache());
    case '/config':
      return { status: 200, type: TEXT, body: view.renderConfig() };
    default:
      return { status: 404 };
  }
}

async function readiness(view: AdminView): Promise<number> {
  if (!view.isLive()) return 500;
  return (await view.isReady()) ? 200 : 503;
}

function presentCache(cache: object | undefined): Answer {
  if (cache === undefined) return { status: 503 };
  return { status: 200, type: JSON_TYPE, body: JSON.stringify(cache, presentCollection) };
}

/** JSON has no maps; the NUL in their keys becomes a dot. */
function presentCollection(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value];
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, item]) => [String(key).replaceAll('\0', '.'), item]));
}
