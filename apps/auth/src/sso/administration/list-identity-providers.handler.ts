import { Handle } from '@gatehouse/bus';
import { listIdentityProviders, type StoredIdentityProvider } from '@gatehouse/contracts';
import { IdentityProviders, shownProvider } from '../providers/identity-providers.store.js';

@Handle(listIdentityProviders)
export class ListIdentityProviders {
  constructor(private readonly providers: IdentityProviders) {}

  async handle({ tenant }: { tenant: string }): Promise<{ items: StoredIdentityProvider[] }> {
    return { items: (await this.providers.list(tenant)).map(shownProvider) };
  }
}
