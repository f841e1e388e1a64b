import { Bus } from '@gatehouse/bus';
import { testIdentityProvider } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { Named, PROVIDERS } from './save-provider.js';

const testProvider = route({
  method: 'POST',
  path: `${PROVIDERS}/{name}/test`,
  summary: 'Whether a provider can be reached and knows our client, and which redirect URI it must have',
  access: 'admin',
  params: Named,
  reply: testIdentityProvider.reply,
});

@Endpoint(testProvider)
export class TestIdentityProvider {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof testProvider>): Promise<Reply<typeof testProvider>> {
    return this.bus.request(testIdentityProvider, { tenant: caller.tenant, name: params.name });
  }
}
