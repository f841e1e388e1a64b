import { Bus } from '@gatehouse/bus';
import { endSignIn } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ownerOf } from '../tokens/owner.js';

const endMySession = route({
  method: 'DELETE',
  path: '/api/v1/me/sessions/{id}',
  summary: 'End one of my sign-ins',
  access: 'person',
  params: z.strictObject({ id: z.string().min(1).max(200) }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(endMySession)
export class EndMySession {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof endMySession>): Promise<undefined> {
    await this.bus.request(endSignIn, { ...ownerOf(caller), id: params.id });
  }
}
