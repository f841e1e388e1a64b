import { Bus } from '@gatehouse/bus';
import { IdentityProviderInput, StoredIdentityProvider } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { PROVIDERS, saveProvider } from './save-provider.js';

const createProvider = route({
  method: 'POST',
  path: PROVIDERS,
  summary: 'Let people sign in by another OpenID Connect provider; its client secret is never shown again',
  access: 'admin',
  body: jsonBody(IdentityProviderInput),
  status: 201,
  reply: StoredIdentityProvider,
});

@Endpoint(createProvider)
export class CreateIdentityProvider {
  constructor(private readonly bus: Bus) {}

  handle({ caller, body }: Call<typeof createProvider>): Promise<Reply<typeof createProvider>> {
    return saveProvider(this.bus, caller, { mode: 'create', provider: body });
  }
}
