import { Bus } from '@gatehouse/bus';
import { Failure, listIdentityProviders, StoredIdentityProvider } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { Named, PROVIDERS } from './save-provider.js';

const showProvider = route({
  method: 'GET',
  path: `${PROVIDERS}/{name}`,
  summary: 'One identity provider, without its client secret',
  access: 'admin',
  params: Named,
  reply: StoredIdentityProvider,
});

@Endpoint(showProvider)
export class ShowIdentityProvider {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof showProvider>): Promise<Reply<typeof showProvider>> {
    const { items } = await this.bus.request(listIdentityProviders, { tenant: caller.tenant });
    const found = items.find(({ name }) => name === params.name);
    if (!found) throw new Failure('auth.unknown_identity_provider');
    return found;
  }
}
