import { Bus } from '@gatehouse/bus';
import { Issuer, listIssuers, Name } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const listAll = route({
  method: 'GET',
  path: '/api/v1/issuers',
  summary: 'The registered issuers by name',
  access: 'admin',
  query: z.strictObject({ limit: limitUpTo(500, 100), cursor: Name.optional() }),
  reply: pageOf(Issuer),
});

@Endpoint(listAll)
export class ListIssuers {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof listAll>): Promise<Reply<typeof listAll>> {
    const { limit, cursor } = query;
    return this.bus.request(listIssuers, { tenant: caller.tenant, limit, after: cursor ?? null });
  }
}
