import { Bus } from '@gatehouse/bus';
import { withdrawApproval } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ownerOf } from '../tokens/owner.js';

const withdrawMyApproval = route({
  method: 'DELETE',
  path: '/api/v1/me/approvals/{id}',
  summary: "Withdraw an approval; the client's sign-ins at that server end",
  access: 'person',
  params: z.strictObject({ id: z.string().min(1).max(200) }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(withdrawMyApproval)
export class WithdrawMyApproval {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof withdrawMyApproval>): Promise<undefined> {
    await this.bus.request(withdrawApproval, { ...ownerOf(caller), id: params.id });
  }
}
