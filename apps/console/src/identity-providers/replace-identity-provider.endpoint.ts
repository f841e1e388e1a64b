import { Bus } from '@gatehouse/bus';
import { IdentityProviderInput, StoredIdentityProvider } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import { InvalidRequest } from '../api/invalid-request.js';
import type { Call, Reply } from '../api/route.js';
import { Named, PROVIDERS, saveProvider } from './save-provider.js';

const replaceProvider = route({
  method: 'PUT',
  path: `${PROVIDERS}/{name}`,
  summary: 'Replace an identity provider; a client_secret that is left out stays, null takes it away',
  access: 'admin',
  params: Named,
  body: jsonBody(IdentityProviderInput),
  reply: StoredIdentityProvider,
});

@Endpoint(replaceProvider)
export class ReplaceIdentityProvider {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, body }: Call<typeof replaceProvider>): Promise<Reply<typeof replaceProvider>> {
    if (body.name !== params.name)
      throw new InvalidRequest([
        { place: 'body.name', message: `must be ${params.name}, as in the address` },
      ]);
    return saveProvider(this.bus, caller, { mode: 'replace', provider: body });
  }
}
