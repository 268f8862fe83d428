/** Single values that can be wrong. Each throws `ConfigFault`, which never repeats a secret. */
import { ConfigFault } from './config-fault.ts';

const SECRET_LENGTH = 32;

export function parseSchemas(names: readonly string[]): readonly [string, ...string[]] {
  const [first, ...rest] = names.filter((name) => name !== '');
  if (first === undefined) throw new ConfigFault('db-schemas names no schema');
  for (const refused of ['pg_catalog', 'information_schema']) {
    if (names.includes(refused)) throw new ConfigFault(`db-schemas does not allow the schema ${refused}`);
  }
  return [first, ...rest];
}

/** `null` is the default, 0660. */
export function parseSocketMode(text: string | null): number {
  if (text === null) return 0o660;
  const mode = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  if (!(mode >= 0o600 && mode <= 0o777)) {
    throw new ConfigFault('server-unix-socket-mode must be octal and between 600 and 777');
  }
  return mode;
}

export function parseProxyUri(text: string | null): string | null {
  if (text === null) return null;
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigFault('openapi-server-proxy-uri must be like https://example.com:8443/basePath');
  }
  return text;
}

/** A JWK or a set of them is any JSON object; a plain secret needs 32 bytes. */
export function checkJwtSecret({ text, isBase64 }: { text: string; isBase64: boolean }): void {
  const bytes = isBase64 ? decodeBase64(text) : Buffer.from(text);
  if (isJsonObject(bytes.toString())) return;
  if (bytes.length < SECRET_LENGTH) {
    throw new ConfigFault(`jwt-secret must be at least ${SECRET_LENGTH} characters long`);
  }
}

/** Both alphabets, and `.` for the padding, as PostgREST takes them. */
function decodeBase64(text: string): Buffer {
  const standard = text.trim().replaceAll('_', '/').replaceAll('-', '+').replaceAll('.', '=');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(standard)) {
    throw new ConfigFault('jwt-secret is no base64, but jwt-secret-is-base64 is set');
  }
  return Buffer.from(standard, 'base64');
}

function isJsonObject(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
