const QUOTE = '"';
const SHOWN_LENGTH = 100;

/** A text that is no CSV. */
export class CsvError extends Error {
  constructor(reason: string, rest: string) {
    super(`parse error (${reason}) at ${JSON.stringify(rest.slice(0, SHOWN_LENGTH))}`);
    this.name = 'CsvError';
  }
}

interface Field {
  readonly value: string;
  /** Index of the mark that ends it, or of the end of the text. */
  readonly end: number;
}

function isFieldEnd(character: string | undefined): boolean {
  return character === undefined || character === ',' || character === '\n' || character === '\r';
}

function quotedField(text: string, start: number): Field {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf(QUOTE, from);
    if (quote < 0) throw new CsvError('not enough input', '');
    value += text.slice(from, quote);
    if (text[quote + 1] !== QUOTE) {
      if (!isFieldEnd(text[quote + 1])) throw new CsvError('endOfInput', text.slice(quote + 1));
      return { value, end: quote + 1 };
    }
    value += QUOTE;
    from = quote + 2;
  }
}

function field(text: string, start: number): Field {
  if (text[start] === QUOTE) return quotedField(text, start);
  let end = start;
  while (!isFieldEnd(text[end]) && text[end] !== QUOTE) end += 1;
  if (text[end] === QUOTE) throw new CsvError('endOfInput', text.slice(end));
  return { value: text.slice(start, end), end };
}

/** Records of RFC 4180; lines may end in any way, blank lines are left out. Throws `CsvError`. */
export function splitCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let index = 0;
  while (index < text.length || record.length > 0) {
    const { value, end } = field(text, index);
    record.push(value);
    index = end + 1;
    if (text[end] === ',') continue;
    if (text[end] === '\r' && text[end + 1] === '\n') index += 1;
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  }
  return records;
}
