import { Bus } from '@gatehouse/bus';
import { listServiceAccounts, Name, ServiceAccount } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const listAccounts = route({
  method: 'GET',
  path: '/api/v1/service-accounts',
  summary: 'The service accounts by name',
  access: 'admin',
  query: z.strictObject({ limit: limitUpTo(500, 100), cursor: Name.optional() }),
  reply: pageOf(ServiceAccount),
});

@Endpoint(listAccounts)
export class ListServiceAccounts {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof listAccounts>): Promise<Reply<typeof listAccounts>> {
    const { limit, cursor } = query;
    return this.bus.request(listServiceAccounts, { tenant: caller.tenant, limit, after: cursor ?? null });
  }
}
