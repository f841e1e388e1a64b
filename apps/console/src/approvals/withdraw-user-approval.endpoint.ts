import { Bus } from '@gatehouse/bus';
import { withdrawApproval } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ofUser, UserId } from '../users/user-id.js';

const withdrawUserApproval = route({
  method: 'DELETE',
  path: '/api/v1/users/{id}/approvals/{approval}',
  summary: "Withdraw an approval; the client's sign-ins at that server end",
  access: 'admin',
  params: UserId.extend({ approval: z.string().min(1).max(200) }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(withdrawUserApproval)
export class WithdrawUserApproval {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof withdrawUserApproval>): Promise<undefined> {
    await this.bus.request(withdrawApproval, { ...ofUser(caller, params), id: params.approval });
  }
}
