import { Bus } from '@gatehouse/bus';
import { createIssuer, Issuer } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

const createOne = route({
  method: 'POST',
  path: '/api/v1/issuers',
  summary: 'Register an issuer, whose JWTs then speak for service accounts or people',
  access: 'admin',
  body: jsonBody(Issuer),
  status: 201,
  reply: Issuer,
});

@Endpoint(createOne)
export class CreateIssuer {
  constructor(private readonly bus: Bus) {}

  handle({ caller, body }: Call<typeof createOne>): Promise<Reply<typeof createOne>> {
    return this.bus.request(createIssuer, { tenant: caller.tenant, by: caller.subject.id, issuer: body });
  }
}
