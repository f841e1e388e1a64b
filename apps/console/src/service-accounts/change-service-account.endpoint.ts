import { Bus } from '@gatehouse/bus';
import { changeServiceAccount, ServiceAccount, ServiceAccountSettings } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { accountOf, Named } from './service-account-route.js';

const changeAccount = route({
  method: 'PATCH',
  path: '/api/v1/service-accounts/{name}',
  summary: 'Change a service account; what is not named stays, and access that is lost ends at once',
  access: 'admin',
  params: Named,
  body: jsonBody(ServiceAccountSettings.partial()),
  reply: ServiceAccount,
});

@Endpoint(changeAccount)
export class ChangeServiceAccount {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, body }: Call<typeof changeAccount>): Promise<Reply<typeof changeAccount>> {
    return this.bus.request(changeServiceAccount, { ...accountOf(caller, params.name), changes: body });
  }
}
