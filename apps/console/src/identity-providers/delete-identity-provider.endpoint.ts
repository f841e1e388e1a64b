import { Bus } from '@gatehouse/bus';
import { deleteIdentityProvider } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { Named, PROVIDERS } from './save-provider.js';

const deleteProvider = route({
  method: 'DELETE',
  path: `${PROVIDERS}/{name}`,
  summary:
    'Delete an identity provider; whoever signed in by it is signed out, and loses the teams that it gave',
  access: 'admin',
  params: Named,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(deleteProvider)
export class DeleteIdentityProvider {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof deleteProvider>): Promise<undefined> {
    await this.bus.request(deleteIdentityProvider, { tenant: caller.tenant, name: params.name });
  }
}
