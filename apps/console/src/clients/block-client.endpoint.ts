import { Bus } from '@gatehouse/bus';
import { blockClient, Client } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { clientOf, OneClient } from './client-route.js';

const path = '/api/v1/clients/{id}/block';

const block = route({
  method: 'PUT',
  path,
  summary: 'Let nobody here use an OAuth client; what it may do ends at once',
  access: 'admin',
  params: OneClient,
  reply: Client,
});

const unblock = route({
  method: 'DELETE',
  path,
  summary: 'Let people here use an OAuth client again',
  access: 'admin',
  params: OneClient,
  reply: Client,
});

@Endpoint(block)
export class BlockClient {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof block>): Promise<Reply<typeof block>> {
    return this.bus.request(blockClient, { ...clientOf(caller, params.id), blocked: true });
  }
}

@Endpoint(unblock)
export class UnblockClient {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof unblock>): Promise<Reply<typeof unblock>> {
    return this.bus.request(blockClient, { ...clientOf(caller, params.id), blocked: false });
  }
}
