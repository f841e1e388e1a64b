import { Bus } from '@gatehouse/bus';
import { ServiceAccount, showServiceAccount } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { Named } from './service-account-route.js';

const showAccount = route({
  method: 'GET',
  path: '/api/v1/service-accounts/{name}',
  summary: 'A service account',
  access: 'admin',
  params: Named,
  reply: ServiceAccount,
});

@Endpoint(showAccount)
export class ShowServiceAccount {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof showAccount>): Promise<Reply<typeof showAccount>> {
    return this.bus.request(showServiceAccount, { tenant: caller.tenant, name: params.name });
  }
}
