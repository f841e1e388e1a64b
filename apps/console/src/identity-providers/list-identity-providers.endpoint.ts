import { Bus } from '@gatehouse/bus';
import { listIdentityProviders, StoredIdentityProvider } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { PROVIDERS } from './save-provider.js';

const listProviders = route({
  method: 'GET',
  path: PROVIDERS,
  summary: 'The OpenID Connect providers by which people sign in, without their client secrets',
  access: 'admin',
  reply: pageOf(StoredIdentityProvider),
});

@Endpoint(listProviders)
export class ListIdentityProviders {
  constructor(private readonly bus: Bus) {}

  async handle({ caller }: Call<typeof listProviders>): Promise<Reply<typeof listProviders>> {
    const { items } = await this.bus.request(listIdentityProviders, { tenant: caller.tenant });
    return { items, next: null };
  }
}
