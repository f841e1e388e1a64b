import { Bus } from '@gatehouse/bus';
import { Client, listClients } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const listOurClients = route({
  method: 'GET',
  path: '/api/v1/clients',
  summary:
    'OAuth clients by id: those made here, those that people have approved, and those that are blocked',
  access: 'admin',
  query: z.strictObject({ limit: limitUpTo(200, 50), cursor: z.string().max(2_000).optional() }),
  reply: pageOf(Client),
});

@Endpoint(listOurClients)
export class ListClients {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof listOurClients>): Promise<Reply<typeof listOurClients>> {
    const { limit, cursor: after = null } = query;
    return this.bus.request(listClients, { tenant: caller.tenant, limit, after });
  }
}
