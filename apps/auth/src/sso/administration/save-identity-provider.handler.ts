import { Handle, TransportKey } from '@gatehouse/bus';
import {
  saveIdentityProvider,
  SaveIdentityProvider as Content,
  type StoredIdentityProvider,
} from '@gatehouse/contracts';
import { ClientSecrets } from '../providers/client-secrets.js';
import { IdentityProviders, shownProvider } from '../providers/identity-providers.store.js';

@Handle(saveIdentityProvider)
export class SaveIdentityProvider {
  constructor(
    private readonly key: TransportKey,
    private readonly providers: IdentityProviders,
    private readonly secrets: ClientSecrets,
  ) {}

  async handle({ sealed }: { sealed: string }): Promise<StoredIdentityProvider> {
    const { tenant, mode, provider } = await this.key.open(sealed, Content);
    const { client_secret: secret, ...settings } = provider;
    const change = { tenant, mode, provider: settings, secret };
    return shownProvider(await this.providers.save(change, (id, value) => this.secrets.keep(id, value)));
  }
}
