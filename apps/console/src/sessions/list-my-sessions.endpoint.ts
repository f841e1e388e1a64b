import { Bus } from '@gatehouse/bus';
import { listSignIns, SignIn } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import { pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { ownerOf } from '../tokens/owner.js';

const listMySessions = route({
  method: 'GET',
  path: '/api/v1/me/sessions',
  summary: 'My sign-ins: one for each installation of a client and each server',
  access: 'person',
  reply: pageOf(SignIn),
});

@Endpoint(listMySessions)
export class ListMySessions {
  constructor(private readonly bus: Bus) {}

  async handle({ caller }: Call<typeof listMySessions>): Promise<Reply<typeof listMySessions>> {
    const { items } = await this.bus.request(listSignIns, ownerOf(caller));
    return { items, next: null };
  }
}
