import type { ProviderHealth } from '../../domain/sign-in-provider.ts';
import type { Context } from '../context.ts';

export interface ListedProvider {
  readonly name: string;
  readonly title: string;
  readonly health: ProviderHealth;
}

/** Lists where else a person can sign in. Open to all: they have no credential yet. */
export function listProviders(context: Context): readonly ListedProvider[] {
  return context.providers.map((provider) => ({
    name: provider.name,
    title: provider.title,
    health: provider.health(),
  }));
}
