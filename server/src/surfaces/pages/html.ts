/** Pages are made of text that is escaped unless it came out of this tag: there is no way to pass raw text. */

class Escaped {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Text that may stand in a page as it is; only `html` makes it. */
export type Html = Escaped;

/** What may be put into a page; the absent ones and `false` are left out. */
export type HtmlPart = Html | string | number | null | undefined | false | readonly HtmlPart[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(part: HtmlPart): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Escaped) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return String(part).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * Puts parts into HTML, each escaped for text and for quoted attributes. Throws where an attribute's quotes are
 * missing, because there no escaping would help. An address that is not ours must be checked before.
 */
export function html(literals: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = literals[0] ?? '';
  for (const [index, part] of parts.entries()) {
    if (/=\s*$/.test(text)) throw new Error('an attribute needs quotes around its value');
    text += render(part) + (literals[index + 1] ?? '');
  }
  return new Escaped(text);
}
