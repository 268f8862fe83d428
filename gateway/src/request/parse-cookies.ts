/** The cookies of a `Cookie` header; of one name the last counts. */
export function parseCookies(header: string | undefined): Readonly<Record<string, string>> {
  if (header === undefined) return {};
  const cookies = new Map<string, string>();
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (name !== '') cookies.set(name, equals < 0 ? '' : part.slice(equals + 1).trim());
  }
  return Object.fromEntries(cookies);
}
