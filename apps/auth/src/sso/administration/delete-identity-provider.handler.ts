import { Handle } from '@gatehouse/bus';
import { deleteIdentityProvider } from '@gatehouse/contracts';
import { ClientSecrets } from '../providers/client-secrets.js';
import { IdentityProviders, type ProviderId } from '../providers/identity-providers.store.js';

@Handle(deleteIdentityProvider)
export class DeleteIdentityProvider {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly secrets: ClientSecrets,
  ) {}

  async handle(id: ProviderId): Promise<Record<string, never>> {
    await this.providers.delete(id, () => this.secrets.keep(id, null));
    return {};
  }
}
