/** What a browser does with cookies, as far as the tests need it. */
import type { Answer } from './exchange.ts';

export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Lower case, without values: `httponly`, `samesite`, `path` … */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The cookies that an answer sets. */
export function cookiesOf(answer: Answer): SetCookie[] {
  return (answer.headers['set-cookie'] ?? []).map((line) => {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=', 2);
    const entries = attributes.map((text): [string, string] => {
      const [key = '', given = ''] = text.split('=', 2);
      return [key.toLowerCase(), given];
    });
    return { name, value, attributes: Object.fromEntries(entries) };
  });
}

/** The cookie of this name; throws when the answer does not set it. */
export function cookieOf(answer: Answer, name: string): SetCookie {
  const found = cookiesOf(answer).find((cookie) => cookie.name === name);
  if (!found) throw new Error(`the answer sets no ${name}: ${answer.status} ${answer.text}`);
  return found;
}
