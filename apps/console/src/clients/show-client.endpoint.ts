import { Bus } from '@gatehouse/bus';
import { Client, showClient } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { OneClient } from './client-route.js';

const showOneClient = route({
  method: 'GET',
  path: '/api/v1/clients/{id}',
  summary: 'An OAuth client',
  access: 'admin',
  params: OneClient,
  reply: Client,
});

@Endpoint(showOneClient)
export class ShowClient {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof showOneClient>): Promise<Reply<typeof showOneClient>> {
    return this.bus.request(showClient, { tenant: caller.tenant, id: params.id });
  }
}
