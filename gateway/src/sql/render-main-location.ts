import { quoteColumn, quoteIdentifier } from './quote.ts';
import { SOURCE } from './render-read.ts';
import type { Values } from './values.ts';

const ROW = 'pgrst_row';

/**
 * `pk=eq.value&…` of the only row of the source, percent-encoded. Null where the key is empty.
 * Values look as they do in JSON: an instant is ISO 8601 whatever the settings say.
 */
export function renderLocation(primaryKey: readonly string[], values: Values): string {
  if (primaryKey.length === 0) return 'NULL::text';
  const parts = primaryKey.map((column) => {
    const name = `${values.add(`${encodeName(column)}=`)}::text`;
    const value = `to_json(${quoteColumn(ROW, column)}) #>> '{}'`;
    return `${name} || coalesce('eq.' || ${encodeValue(value)}, 'is.null')`;
  });
  return `(SELECT concat_ws('&', ${parts.join(', ')}) FROM ${quoteIdentifier(SOURCE)} AS ${ROW} LIMIT 1)`;
}

/** As RFC 3986 says: more than encodeURIComponent does. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same in SQL, letter by letter; null stays null, and an empty text empty. */
function encodeValue(sql: string): string {
  const hex = `regexp_replace(upper(encode(convert_to(letter, 'UTF8'), 'hex')), '(..)', '%\\1', 'g')`;
  const letter = `CASE WHEN letter ~ '^[A-Za-z0-9_.~-]$' THEN letter ELSE ${hex} END`;
  const letters = `regexp_split_to_table(${sql}, '') WITH ORDINALITY AS letters(letter, place)`;
  return `CASE WHEN ${sql} IS NOT NULL THEN (SELECT coalesce(string_agg(${letter}, '' ORDER BY place), '') FROM ${letters}) END`;
}
