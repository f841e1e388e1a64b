import { Bus } from '@gatehouse/bus';
import { Issuer, Name, replaceIssuer } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import { InvalidRequest } from '../api/invalid-request.js';
import type { Call, Reply } from '../api/route.js';

const replaceOne = route({
  method: 'PUT',
  path: '/api/v1/issuers/{name}',
  summary: 'Replace the registration of an issuer; what was issued on its word ends at once',
  access: 'admin',
  params: z.strictObject({ name: Name }),
  body: jsonBody(Issuer),
  reply: Issuer,
});

@Endpoint(replaceOne)
export class ReplaceIssuer {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, body }: Call<typeof replaceOne>): Promise<Reply<typeof replaceOne>> {
    if (body.name !== params.name)
      throw new InvalidRequest([
        { place: 'body.name', message: `must be ${params.name}, as in the address` },
      ]);
    return this.bus.request(replaceIssuer, { tenant: caller.tenant, by: caller.subject.id, issuer: body });
  }
}
