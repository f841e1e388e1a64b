import { Bus } from '@gatehouse/bus';
import { listSignIns, SignIn } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { ofUser, UserId } from '../users/user-id.js';

const listUserSessions = route({
  method: 'GET',
  path: '/api/v1/users/{id}/sessions',
  summary: "A person's sign-ins: one for each installation of a client and each server",
  access: 'admin',
  params: UserId,
  reply: pageOf(SignIn),
});

@Endpoint(listUserSessions)
export class ListUserSessions {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof listUserSessions>): Promise<Reply<typeof listUserSessions>> {
    const { items } = await this.bus.request(listSignIns, ofUser(caller, params));
    return { items, next: null };
  }
}
