import type { BodyForm } from '../plan/plan.ts';
import { quoteQualified } from './quote.ts';
import { SCALAR_COLUMN } from './render-call.ts';

/** The rows that become the body, in the outermost FROM. */
export const ROWS = 'pgrst_rows';
/** The same rows, for a second look at them. */
export const SHOWN = 'pgrst_shown';

const SCALAR = `${ROWS}.${SCALAR_COLUMN}`;
/** With the star, since a bare name could be the one of a column. */
const ROW = `${ROWS}.*`;

/** An expression over all rows: what `BodyForm` says, as text but for what a handler returns. */
export function renderBody(body: BodyForm): string {
  switch (body.kind) {
    case 'json':
      return `${renderJson(body)}::text`;
    case 'csv':
      return renderCsv();
    case 'geojson':
      return `json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(ST_AsGeoJSON(${ROW})::json), '[]'))::text`;
    case 'handler':
      return renderHandler(body);
    case 'explain':
      return renderBody(body.of);
    case 'none':
      return 'NULL::text';
  }
}

function renderJson({ shape, stripsNulls }: Extract<BodyForm, { kind: 'json' }>): string {
  const all = `json_agg(${shape.startsWith('scalar') ? SCALAR : ROW})`;
  const isList = shape === 'array' || shape === 'scalar-array';
  const whole = stripsNulls ? `json_strip_nulls(${all})` : all;
  return isList ? `coalesce(${whole}, '[]')` : `coalesce(${whole}->0, 'null')`;
}

/** PostgREST's form: lines as Postgres writes a row, without its parentheses; a heading only over rows. */
function renderCsv(): string {
  const heading = `(SELECT coalesce(string_agg(keys.name, ','), '') FROM (SELECT json_object_keys(row_to_json(first.*)) AS name FROM (SELECT * FROM ${SHOWN} LIMIT 1) AS first) AS keys)`;
  const line = `substring((${ROW})::text, 2, length((${ROW})::text) - 2)`;
  return `${heading} || E'\\n' || coalesce(string_agg(${line}, E'\\n'), '')`;
}

/** An aggregate of rows, of the type it was made for; or what the function itself returned. */
function renderHandler({ handler }: Extract<BodyForm, { kind: 'handler' }>): string {
  if (!handler.isAggregate) return `(array_agg(${SCALAR}))[1]`;
  const rows = handler.target === null ? ROW : `(${ROW})::${quoteQualified(handler.target)}`;
  return `${quoteQualified(handler.function)}(${rows})`;
}
