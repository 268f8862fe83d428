import type { Plan } from '../plan/plan.ts';
import type { MediaType } from '../request/api-request.ts';

/** Whatever PostgREST makes itself is UTF-8 and says so; what a handler of the tenant makes is its own affair. */
const ownTypes = new Set([
  '*/*',
  'application/geo+json',
  'application/json',
  'application/openapi+json',
  'application/x-www-form-urlencoded',
  'text/csv',
  'text/plain',
  'text/xml',
]);

/** `EXPLAIN` options in the order of PostgREST. */
const explainOptions = ['analyze', 'verbose', 'settings', 'buffers', 'wal'] as const;

/** The value of `Content-Type` for what a plan makes. */
export function contentTypeOf({ body, mediaType }: Pick<Plan, 'body' | 'mediaType'>): string {
  if (body.kind === 'explain') {
    const target = nameOf(parseMediaType(mediaType.parameters.for ?? 'application/json'));
    const options = explainOptions.filter((option) => body.options.includes(option));
    const suffix = options.length === 0 ? '' : `; options=${options.join('|')}`;
    return `application/vnd.pgrst.plan+${body.format}; for="${target}"${suffix}; charset=utf-8`;
  }
  const name = nameOf(mediaType);
  return ownTypes.has(name) || name.startsWith('application/vnd.pgrst.') ? `${name}; charset=utf-8` : name;
}

/** The longer names of plain JSON are that, and the short names of PostgREST's own types are made full. */
function nameOf({ type, parameters }: MediaType): string {
  const isStripped = parameters.nulls === 'stripped';
  switch (type) {
    case 'application/vnd.pgrst.array':
    case 'application/vnd.pgrst.array+json':
      return isStripped ? 'application/vnd.pgrst.array+json;nulls=stripped' : 'application/json';
    case 'application/vnd.pgrst.object':
    case 'application/vnd.pgrst.object+json':
      return `application/vnd.pgrst.object+json${isStripped ? ';nulls=stripped' : ''}`;
    default:
      return type;
  }
}

function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = rest.map((part) => part.split('=', 2) as [string, string]);
  return { type: type.toLowerCase(), parameters: Object.fromEntries(parameters) };
}
