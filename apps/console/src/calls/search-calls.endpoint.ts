import { Bus } from '@gatehouse/bus';
import { searchCalls, StoredCallRecord } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const showCalls = route({
  method: 'GET',
  path: '/api/v1/calls',
  summary: 'Records of calls, newest first: all of them to an administrator, to others their own',
  access: 'person',
  query: z.strictObject({
    ...searchCalls.request.omit({ tenant: true }).shape,
    limit: limitUpTo(200, 50),
  }),
  reply: pageOf(StoredCallRecord),
});

@Endpoint(showCalls)
export class SearchCalls {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof showCalls>): Promise<Reply<typeof showCalls>> {
    const user = caller.admin ? query.user : caller.subject.name;
    return this.bus.request(searchCalls, { ...query, tenant: caller.tenant, user });
  }
}
