import { Bus } from '@gatehouse/bus';
import { signOutPerson } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ownerOf } from '../tokens/owner.js';

const endMySessions = route({
  method: 'DELETE',
  path: '/api/v1/me/sessions',
  summary: 'Sign me out everywhere: browsers and clients, this one too',
  access: 'person',
  status: 204,
  reply: z.undefined(),
});

@Endpoint(endMySessions)
export class EndMySessions {
  constructor(private readonly bus: Bus) {}

  async handle({ caller }: Call<typeof endMySessions>): Promise<undefined> {
    await this.bus.request(signOutPerson, { ...ownerOf(caller), tokens: false, by: caller.subject.name });
  }
}
