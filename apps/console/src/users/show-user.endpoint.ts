import { Bus } from '@gatehouse/bus';
import { getPerson, Person } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { ofUser, UserId } from './user-id.js';

const showUser = route({
  method: 'GET',
  path: '/api/v1/users/{id}',
  summary: 'One person',
  access: 'admin',
  params: UserId,
  reply: Person,
});

@Endpoint(showUser)
export class ShowUser {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof showUser>): Promise<Reply<typeof showUser>> {
    return this.bus.request(getPerson, ofUser(caller, params));
  }
}
