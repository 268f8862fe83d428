import { RestFault } from '../fault.ts';
import type { MediaType } from '../request/api-request.ts';
import { parseMediaType } from '../request/parse-media-types.ts';
import type { MediaConverter, QualifiedName } from '../schema/schema-cache.ts';
import { renderMediaName } from './media-name.ts';
import type { BodyForm } from './plan.ts';

export interface MediaTarget {
  /** The table whose rows are shown, or the function that returns no table's rows. */
  readonly identifier: QualifiedName;
  /** `select=*` without embeds: only then are the rows whole, as handlers of the target expect them. */
  readonly isWhole: boolean;
  /** How JSON looks where nothing else is asked for. */
  readonly shape: 'array' | 'object' | 'scalar' | 'scalar-array';
  readonly handlers: readonly MediaConverter[];
  readonly isPlanEnabled: boolean;
}

export interface NegotiatedMedia {
  readonly body: BodyForm;
  readonly mediaType: MediaType;
}

type ExplainForm = Extract<BodyForm, { kind: 'explain' }>;

const JSON_TYPE = 'application/json';
const ANY_TYPE = '*/*';
const EXPLAIN_OPTIONS = ['analyze', 'verbose', 'settings', 'buffers', 'wal'] as const;

/**
 * The first accepted media type that the target can produce.
 * 406 `PGRST107` when there is none.
 */
export function negotiateMedia(accepted: readonly MediaType[], target: MediaTarget): NegotiatedMedia {
  for (const mediaType of accepted) {
    const found = findForm(withKnownParameters(mediaType), target);
    if (found !== null) return found;
  }
  const names = accepted.map((mediaType) => renderMediaName(withKnownParameters(mediaType))).join(', ');
  throw new RestFault(406, 'PGRST107', `None of these media types are available: ${names}`);
}

/** As the request's parser writes it, with no other parameters than those that count here. */
function withKnownParameters({ type, parameters }: MediaType): MediaType {
  switch (type) {
    case 'application/vnd.pgrst.array+json':
    case 'application/vnd.pgrst.object+json':
      return { type, parameters: parameters.nulls === 'stripped' ? { nulls: 'stripped' } : {} };
    case 'application/vnd.pgrst.plan+json':
    case 'application/vnd.pgrst.plan+text': {
      const options = optionsOf(parameters.options).join('|');
      const of = renderMediaName(typeOfPlan(parameters));
      return { type, parameters: { for: of, ...(options === '' ? {} : { options }) } };
    }
    default:
      return { type, parameters: {} };
  }
}

/** The type whose making is explained: `for="application/vnd.pgrst.object+json;nulls=stripped"`. */
function typeOfPlan(parameters: MediaType['parameters']): MediaType {
  return withKnownParameters(parseMediaType(parameters.for ?? JSON_TYPE));
}

function findForm(mediaType: MediaType, target: MediaTarget): NegotiatedMedia | null {
  const { type, parameters } = mediaType;
  if (type.startsWith('application/vnd.pgrst.plan+')) return findExplain(mediaType, target);
  const stripsNulls = parameters.nulls === 'stripped';
  if (type === 'application/vnd.pgrst.object+json') {
    const shape = target.shape.startsWith('scalar') ? 'scalar' : 'object';
    return { body: { kind: 'json', shape, stripsNulls }, mediaType };
  }
  if (type === 'application/vnd.pgrst.array+json') {
    return { body: { kind: 'json', shape: target.shape, stripsNulls }, mediaType };
  }
  return findHandler(type, target) ?? findBuiltIn(type, target);
}

function findExplain(mediaType: MediaType, target: MediaTarget): NegotiatedMedia | null {
  if (!target.isPlanEnabled) return null;
  const inner = findForm(typeOfPlan(mediaType.parameters), target);
  if (inner === null || inner.body.kind === 'explain') return null;
  const body: ExplainForm = {
    kind: 'explain',
    of: inner.body,
    format: mediaType.type.endsWith('+json') ? 'json' : 'text',
    options: optionsOf(mediaType.parameters.options),
  };
  return { body, mediaType };
}

/** A handler for any type comes before one for this type; both before one for any rows. */
function findHandler(type: string, target: MediaTarget): NegotiatedMedia | null {
  const ofTarget = (mediaType: string) =>
    target.handlers.find((one) => one.mediaType === mediaType && isSame(one.target, target.identifier));
  const handler =
    (target.isWhole ? (ofTarget(ANY_TYPE) ?? ofTarget(type)) : undefined) ??
    target.handlers.find((one) => one.mediaType === type && one.target === null);
  if (handler === undefined) return null;
  const sent = handler.mediaType === ANY_TYPE ? 'application/octet-stream' : handler.mediaType;
  return { body: { kind: 'handler', handler }, mediaType: { type: sent, parameters: {} } };
}

function findBuiltIn(type: string, target: MediaTarget): NegotiatedMedia | null {
  const mediaType = { type, parameters: {} };
  switch (type) {
    case ANY_TYPE:
    case JSON_TYPE:
      return {
        body: { kind: 'json', shape: target.shape, stripsNulls: false },
        mediaType: { type: JSON_TYPE, parameters: {} },
      };
    case 'text/csv':
      return { body: { kind: 'csv' }, mediaType };
    case 'application/geo+json':
      return { body: { kind: 'geojson' }, mediaType };
    default:
      return null;
  }
}

function isSame(one: QualifiedName | null, other: QualifiedName): boolean {
  return one !== null && one.schema === other.schema && one.name === other.name;
}

function optionsOf(text: string | undefined): ExplainForm['options'] {
  const asked = (text ?? '').toLowerCase().split('|');
  return EXPLAIN_OPTIONS.filter((option) => asked.includes(option));
}
