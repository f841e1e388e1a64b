import { Bus } from '@gatehouse/bus';
import { listTokens, PersonalAccessToken } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { ownerOf } from './owner.js';

const listMyTokens = route({
  method: 'GET',
  path: '/api/v1/me/tokens',
  summary: 'My personal access tokens, without their values',
  access: 'person',
  reply: pageOf(PersonalAccessToken),
});

@Endpoint(listMyTokens)
export class ListTokens {
  constructor(private readonly bus: Bus) {}

  async handle({ caller }: Call<typeof listMyTokens>): Promise<Reply<typeof listMyTokens>> {
    const { items } = await this.bus.request(listTokens, ownerOf(caller));
    return { items, next: null };
  }
}
