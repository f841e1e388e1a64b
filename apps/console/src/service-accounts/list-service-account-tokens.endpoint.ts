import { Bus } from '@gatehouse/bus';
import { listServiceAccountTokens, ServiceAccountToken } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { Named } from './service-account-route.js';

const listTokens = route({
  method: 'GET',
  path: '/api/v1/service-accounts/{name}/tokens',
  summary: 'The tokens of a service account, without their values',
  access: 'admin',
  params: Named,
  reply: pageOf(ServiceAccountToken),
});

@Endpoint(listTokens)
export class ListServiceAccountTokens {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof listTokens>): Promise<Reply<typeof listTokens>> {
    const { items } = await this.bus.request(listServiceAccountTokens, {
      ...{ tenant: caller.tenant, name: params.name },
    });
    return { items, next: null };
  }
}
