import { Bus } from '@gatehouse/bus';
import { deleteServiceAccount } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { accountOf, Named } from './service-account-route.js';

const deleteAccount = route({
  method: 'DELETE',
  path: '/api/v1/service-accounts/{name}',
  summary: 'Delete a service account with its tokens',
  access: 'admin',
  params: Named,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(deleteAccount)
export class DeleteServiceAccount {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof deleteAccount>): Promise<undefined> {
    await this.bus.request(deleteServiceAccount, accountOf(caller, params.name));
  }
}
