import { Bus } from '@gatehouse/bus';
import { Approval, listApprovals } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { ownerOf } from '../tokens/owner.js';

const listMyApprovals = route({
  method: 'GET',
  path: '/api/v1/me/approvals',
  summary: 'What I have approved: clients that need not ask again',
  access: 'person',
  reply: pageOf(Approval),
});

@Endpoint(listMyApprovals)
export class ListMyApprovals {
  constructor(private readonly bus: Bus) {}

  async handle({ caller }: Call<typeof listMyApprovals>): Promise<Reply<typeof listMyApprovals>> {
    const { items } = await this.bus.request(listApprovals, ownerOf(caller));
    return { items, next: null };
  }
}
