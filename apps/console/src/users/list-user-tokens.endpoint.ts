import { Bus } from '@gatehouse/bus';
import { getPerson, listTokens, PersonalAccessToken } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { ofUser, UserId } from './user-id.js';

const listUserTokens = route({
  method: 'GET',
  path: '/api/v1/users/{id}/tokens',
  summary: "A person's personal access tokens, without their values",
  access: 'admin',
  params: UserId,
  reply: pageOf(PersonalAccessToken),
});

@Endpoint(listUserTokens)
export class ListUserTokens {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof listUserTokens>): Promise<Reply<typeof listUserTokens>> {
    // whoever has no tokens is told from nobody
    await this.bus.request(getPerson, ofUser(caller, params));
    const { items } = await this.bus.request(listTokens, ofUser(caller, params));
    return { items, next: null };
  }
}
