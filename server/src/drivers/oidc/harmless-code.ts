/** An error code that a provider or a browser sent, fit to be shown and logged; else `unknown`. */
export function harmlessCode(code: string): string {
  return /^[a-z_]{1,64}$/.test(code) ? code : 'unknown';
}
