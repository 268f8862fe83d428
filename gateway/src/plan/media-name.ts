import type { MediaType } from '../request/api-request.ts';

/**
 * A media type as answers and errors name it. Parameters stay where they change what is sent: stripped nulls and what
 * an execution plan is of.
 */
export function renderMediaName({ type, parameters }: MediaType): string {
  if (type.startsWith('application/vnd.pgrst.plan')) {
    const options = parameters.options ? `; options=${parameters.options}` : '';
    return `${type}; for="${parameters.for ?? 'application/json'}"${options}`;
  }
  return parameters.nulls === 'stripped' && type.startsWith('application/vnd.pgrst.')
    ? `${type};nulls=stripped`
    : type;
}
