import { Bus } from '@gatehouse/bus';
import { revokeTokens } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ofUser, UserId } from './user-id.js';

const revokeUserTokens = route({
  method: 'DELETE',
  path: '/api/v1/users/{id}/tokens',
  summary: 'Revoke all personal access tokens of a person',
  access: 'admin',
  params: UserId,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(revokeUserTokens)
export class RevokeUserTokens {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof revokeUserTokens>): Promise<undefined> {
    await this.bus.request(revokeTokens, { ...ofUser(caller, params), by: caller.subject.name });
  }
}
