import { Bus } from '@gatehouse/bus';
import { revokeServiceAccountToken } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { knownToken } from '../api/unknown-token.js';
import type { Call } from '../api/route.js';
import { accountOf, Named, NamedToken } from './service-account-route.js';

const revokeToken = route({
  method: 'DELETE',
  path: '/api/v1/service-accounts/{name}/tokens/{id}',
  summary: 'Revoke a token of a service account',
  access: 'admin',
  params: NamedToken,
  status: 204,
  reply: z.undefined(),
});

const revokeAllTokens = route({
  method: 'DELETE',
  path: '/api/v1/service-accounts/{name}/tokens',
  summary: 'Revoke every token of a service account',
  access: 'admin',
  params: Named,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(revokeToken)
export class RevokeServiceAccountToken {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof revokeToken>): Promise<undefined> {
    const token = { ...accountOf(caller, params.name), id: params.id };
    await knownToken(this.bus.request(revokeServiceAccountToken, token));
  }
}

@Endpoint(revokeAllTokens)
export class RevokeServiceAccountTokens {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof revokeAllTokens>): Promise<undefined> {
    await this.bus.request(revokeServiceAccountToken, { ...accountOf(caller, params.name), id: null });
  }
}
