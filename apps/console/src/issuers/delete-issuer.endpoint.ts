import { Bus } from '@gatehouse/bus';
import { deleteIssuer, Name } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';

const deleteOne = route({
  method: 'DELETE',
  path: '/api/v1/issuers/{name}',
  summary: 'Believe an issuer no longer; what was issued on its word ends at once',
  access: 'admin',
  params: z.strictObject({ name: Name }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(deleteOne)
export class DeleteIssuer {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof deleteOne>): Promise<undefined> {
    await this.bus.request(deleteIssuer, { tenant: caller.tenant, by: caller.subject.id, name: params.name });
  }
}
