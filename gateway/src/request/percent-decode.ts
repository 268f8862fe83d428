const PERCENT = 0x25;

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/** Byte by byte, for what `decodeURIComponent` refuses: a lone `%` stays, bytes that are no UTF-8 are replaced. */
function decodeLeniently(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    const high = byte === PERCENT ? hexDigit(bytes[index + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[index + 2] ?? 0);
    if (low >= 0) index += 2;
    bytes[length] = low < 0 ? byte : high * 16 + low;
    length += 1;
  }
  return bytes.toString('utf8', 0, length);
}

/** Decodes `%XX`; never fails. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeLeniently(text);
  }
}
