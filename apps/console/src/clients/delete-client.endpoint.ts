import { Bus } from '@gatehouse/bus';
import { deleteClient } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { clientOf, OneClient } from './client-route.js';

const deleteOneClient = route({
  method: 'DELETE',
  path: '/api/v1/clients/{id}',
  summary: 'End what an OAuth client may do here at once, and its approvals; one that was made here is gone',
  access: 'admin',
  params: OneClient,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(deleteOneClient)
export class DeleteClient {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof deleteOneClient>): Promise<undefined> {
    await this.bus.request(deleteClient, clientOf(caller, params.id));
  }
}
