import { Bus } from '@gatehouse/bus';
import { Approval, listApprovals } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { ofUser, UserId } from '../users/user-id.js';

const listUserApprovals = route({
  method: 'GET',
  path: '/api/v1/users/{id}/approvals',
  summary: 'What a person has approved: clients that need not ask again',
  access: 'admin',
  params: UserId,
  reply: pageOf(Approval),
});

@Endpoint(listUserApprovals)
export class ListUserApprovals {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof listUserApprovals>): Promise<Reply<typeof listUserApprovals>> {
    const { items } = await this.bus.request(listApprovals, ofUser(caller, params));
    return { items, next: null };
  }
}
