/** Reads single variables; what is wrong is noted as a sentence, and a harmless value stands in for it. */

const SHORTEST_SECRET = 32;
/** Keys that stand in documents and examples: whoever copied one shares it with everybody. */
const PUBLISHED = /change[-_ ]?me|your[-_ ]?secret|example|secret[-_ ]?key|password|1234567890|abcdefgh/i;
const SHORTEST_VARIETY = 8;

export type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigReader {
  readonly mistakes: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The first of the names that has a value; an empty one is what compose files make of an unset one. */
  #find(names: readonly string[]): { name: string; value: string } | undefined {
    for (const name of names) {
      const value = this.#env[name]?.trim();
      if (value) return { name, value };
    }
    return undefined;
  }

  text(...names: string[]): string | null {
    return this.#find(names)?.value ?? null;
  }

  list(name: string): string[] {
    const items = (this.text(name) ?? '').split(',').map((item) => item.trim());
    return items.filter((item) => item !== '');
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    this.mistakes.push(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
    return fallback;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.text(name) ?? fallback;
    const value = allowed.find((one) => one === text);
    if (value !== undefined) return value;
    this.mistakes.push(`${name} must be one of ${allowed.join(', ')}, not "${text}".`);
    return fallback;
  }

  pattern(name: string, fallback: string, pattern: RegExp, example: string): string {
    const value = this.text(name) ?? fallback;
    if (pattern.test(value)) return value;
    this.mistakes.push(`${name} must be ${example}, not "${value}".`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(text)) return true;
    if (['false', '0', 'no', 'off'].includes(text)) return false;
    this.mistakes.push(`${name} must be true or false, not "${text}".`);
    return fallback;
  }

  /** An http(s) address without credentials. */
  url(name: string, example: string): string | null {
    const text = this.text(name);
    const url = text === null ? null : URL.parse(text);
    if (url && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '') {
      return text;
    }
    if (text !== null) this.mistakes.push(`${name} must be ${example}.`);
    return null;
  }

  /** An identity provider: what it says must not be changed on the way. */
  issuer(name: string): string | null {
    const text = this.url(name, 'the address of an OIDC provider, like https://login.example.org');
    if (text === null) return null;
    const { protocol, hostname } = new URL(text);
    if (protocol === 'https:' || isLoopback(hostname)) return text;
    this.mistakes.push(`${name} must begin with https: over plain http anybody on the way can sign in.`);
    return null;
  }

  redisUrl(name: string): string | null {
    const text = this.text(name);
    const url = text === null ? null : URL.parse(text);
    if (url && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '') return text;
    // The value may hold a password, so it is not repeated.
    if (text !== null) this.mistakes.push(`${name} must be an address like redis://host:6379/0.`);
    return null;
  }

  /** A connection string; a driver suffix such as `postgresql+asyncpg` is taken off. */
  postgresUrl(...names: string[]): string | null {
    const found = this.#find(names);
    if (!found) return null;
    const value = found.value.replace(/^(postgres(?:ql)?)\+\w+:/, '$1:');
    if (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value)) return value;
    // The value may hold a password, so it is not repeated.
    this.mistakes.push(
      `${found.name} must be a connection string like postgresql://user:password@host:5432/name.`,
    );
    return null;
  }

  /** A key that must be hard to guess. */
  secret(...names: string[]): string | null {
    const found = this.#find(names);
    const weakness = found && weaknessOf(found.value);
    if (!found || weakness === undefined) return found?.value ?? null;
    this.mistakes.push(`${found.name} ${weakness} Make one with \`openssl rand -base64 32\`.`);
    return null;
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < SHORTEST_SECRET) return `must have at least ${SHORTEST_SECRET} bytes.`;
  if (PUBLISHED.test(secret)) return 'looks like an example that others know too.';
  if (new Set(secret).size < SHORTEST_VARIETY) return 'is too easy to guess.';
  return undefined;
}
