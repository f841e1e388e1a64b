import { Bus } from '@gatehouse/bus';
import { removePerson } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ofUser, UserId } from './user-id.js';

const removeUser = route({
  method: 'DELETE',
  path: '/api/v1/users/{id}',
  summary: 'Remove a person with everything that they hold',
  access: 'admin',
  params: UserId,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(removeUser)
export class RemoveUser {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof removeUser>): Promise<undefined> {
    await this.bus.request(removePerson, { ...ofUser(caller, params), by: caller.subject.name });
  }
}
