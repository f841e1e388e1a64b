import { Bus } from '@gatehouse/bus';
import { endSignIn } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ofUser, UserId } from '../users/user-id.js';

const endUserSession = route({
  method: 'DELETE',
  path: '/api/v1/users/{id}/sessions/{session}',
  summary: "End one of a person's sign-ins",
  access: 'admin',
  params: UserId.extend({ session: z.string().min(1).max(200) }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(endUserSession)
export class EndUserSession {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof endUserSession>): Promise<undefined> {
    await this.bus.request(endSignIn, { ...ofUser(caller, params), id: params.session });
  }
}
