/** Looks keys up in the environment and the file, and turns values into types as PostgREST does. */
import { ConfigFault } from './config-fault.ts';
import type { ConfigValue } from './parse-config-file.ts';

export const APP_SETTINGS_PREFIX = 'app.settings.';
const APP_SETTINGS_VARIABLE = 'PGRST_APP_SETTINGS_';

export class SettingSource {
  readonly #file: ReadonlyMap<string, ConfigValue>;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #warnings: string[];

  /** `PGRST_…` of `environment` beats the file. Sentences about odd values are added to `warnings`. */
  constructor(
    file: ReadonlyMap<string, ConfigValue>,
    environment: Readonly<Record<string, string | undefined>>,
    warnings: string[],
  ) {
    this.#file = file;
    this.#environment = environment;
    this.#warnings = warnings;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** Of the first key that is set; an empty text counts as not set. */
  findText(...keys: string[]): string | null {
    for (const key of keys) {
      const text = this.findAnyText(key);
      if (text !== null && text !== '') return text;
    }
    return null;
  }

  /** As `findText`, but empty stays empty. */
  findAnyText(key: string): string | null {
    const value = this.#find(key);
    if (value === undefined) return null;
    return Array.isArray(value) ? value.join(',') : String(value);
  }

  /** One of `choices`; throws `ConfigFault` for another. */
  getChoice<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const text = this.findText(key);
    if (text === null) return fallback;
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new ConfigFault(`${key} must be one of ${choices.join(', ')}`);
    return choice;
  }

  getFlag(key: string, fallback: boolean, ...oldKeys: string[]): boolean {
    const [used, value] = this.#findFirst([key, ...oldKeys]);
    if (value === undefined || value === '') return fallback;
    if (typeof value === 'boolean') return value;
    const flag = parseFlag(String(value));
    if (flag === null) this.#warn(`${used} is neither true nor false, so ${fallback} is used`);
    return flag ?? fallback;
  }

  /** A whole number from `least` on; anything else is warned of and counts as not set. */
  findWhole(keys: readonly string[], least = 0): number | null {
    const [used, value] = this.#findFirst(keys);
    if (value === undefined || value === '') return null;
    const number =
      typeof value === 'number' ? value : /^\s*\d+\s*$/.test(String(value)) ? Number(value) : NaN;
    if (Number.isSafeInteger(number) && number >= least) return number;
    this.#warn(`${used} is no whole number from ${least} on, so it is ignored`);
    return null;
  }

  getWhole(key: string, fallback: number, least = 0): number {
    return this.findWhole([key], least) ?? fallback;
  }

  /** Parts between commas, trimmed. */
  findList(...keys: string[]): string[] | null {
    const text = this.findText(...keys);
    return text === null ? null : splitOnCommas(text);
  }

  /** `app.settings.*` of file and environment, by their full names. */
  appSettings(): Readonly<Record<string, string>> {
    const settings: Record<string, string> = {};
    for (const key of this.#file.keys()) {
      if (key.startsWith(APP_SETTINGS_PREFIX)) settings[key] = this.findAnyText(key) ?? '';
    }
    for (const [name, value] of Object.entries(this.#environment)) {
      if (!name.startsWith(APP_SETTINGS_VARIABLE) || value === undefined) continue;
      settings[APP_SETTINGS_PREFIX + name.slice(APP_SETTINGS_VARIABLE.length)] = value;
    }
    return settings;
  }

  #findFirst(keys: readonly string[]): [key: string, value: ConfigValue | undefined] {
    const key = keys.find((one) => this.has(one)) ?? keys[0] ?? '';
    return [key, this.#find(key)];
  }

  #find(key: string): ConfigValue | undefined {
    return this.#environment[`PGRST_${key.toUpperCase().replaceAll('-', '_')}`] ?? this.#file.get(key);
  }

  #warn(sentence: string): void {
    this.#warnings.push(sentence);
  }
}

export function splitOnCommas(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** `True`, `"true"`, `1` … as PostgREST reads them. */
function parseFlag(text: string): boolean | null {
  const letters = text.replace(/[^A-Za-z]/g, '').toLowerCase();
  if (letters === 'true' || letters === 'false') return letters === 'true';
  return /^-?\d+$/.test(text.trim()) ? Number(text) > 0 : null;
}
