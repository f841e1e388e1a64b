import { Bus } from '@gatehouse/bus';
import { Issuer, Name, showIssuer } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

const showOne = route({
  method: 'GET',
  path: '/api/v1/issuers/{name}',
  summary: 'A registered issuer',
  access: 'admin',
  params: z.strictObject({ name: Name }),
  reply: Issuer,
});

@Endpoint(showOne)
export class ShowIssuer {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof showOne>): Promise<Reply<typeof showOne>> {
    return this.bus.request(showIssuer, { tenant: caller.tenant, name: params.name });
  }
}
