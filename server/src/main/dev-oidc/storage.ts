import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  readonly payload: AdapterPayload;
  readonly untilMs: number;
}

/**
 * Where a provider for tries keeps its sessions and codes: in this process, until they expire. The library's own
 * storage in memory does the same, and warns on the console.
 */
export function devOidcStorage(): (model: string) => Adapter {
  const kept = new Map<string, Kept>();
  return (model) => new DevOidcStorage(model, kept);
}

class DevOidcStorage implements Adapter {
  readonly #model: string;
  readonly #kept: Map<string, Kept>;

  constructor(model: string, kept: Map<string, Kept>) {
    this.#model = model;
    this.#kept = kept;
  }

  async upsert(id: string, payload: AdapterPayload, expiresInS?: number): Promise<void> {
    this.#forgetExpired();
    const untilMs = expiresInS === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresInS * 1_000;
    this.#kept.set(this.#key(id), { payload, untilMs });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = this.#kept.get(this.#key(id));
    return found && found.untilMs > Date.now() ? found.payload : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    for (const [key, { payload, untilMs }] of this.#kept) {
      if (key.startsWith(this.#key('')) && payload.uid === uid && untilMs > Date.now()) return payload;
    }
    return undefined;
  }

  /** Of the device flow, which is off. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of this.#kept) if (payload.grantId === grantId) this.#kept.delete(key);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  #forgetExpired(): void {
    for (const [key, { untilMs }] of this.#kept) if (untilMs <= Date.now()) this.#kept.delete(key);
  }
}
