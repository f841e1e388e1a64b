import { Bus } from '@gatehouse/bus';
import { signOutPerson } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ofUser, UserId } from './user-id.js';

const signOutUser = route({
  method: 'POST',
  path: '/api/v1/users/{id}/sign-out',
  summary: 'Sign a person out everywhere; with tokens=true their personal access tokens end too',
  access: 'admin',
  params: UserId,
  query: z.strictObject({ tokens: z.enum(['true', 'false']).default('false') }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(signOutUser)
export class SignOutUser {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params, query }: Call<typeof signOutUser>): Promise<undefined> {
    const tokens = query.tokens === 'true';
    await this.bus.request(signOutPerson, { ...ofUser(caller, params), tokens, by: caller.subject.name });
  }
}
