import { Bus, TransportKey } from '@gatehouse/bus';
import { createServiceAccountToken } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { ExpiresInDays, MadeToken, openMade } from './new-token-body.js';
import { accountOf, Named } from './service-account-route.js';

const createToken = route({
  method: 'POST',
  path: '/api/v1/service-accounts/{name}/tokens',
  summary: 'Make a token of a service account; its value is shown this once',
  access: 'admin',
  params: Named,
  body: jsonBody(z.strictObject({ name: z.string().min(1).max(100), expiresInDays: ExpiresInDays })),
  status: 201,
  reply: MadeToken,
});

@Endpoint(createToken)
export class CreateServiceAccountToken {
  constructor(
    private readonly bus: Bus,
    private readonly key: TransportKey,
  ) {}

  async handle({ caller, params, body }: Call<typeof createToken>): Promise<Reply<typeof createToken>> {
    const { name: token, expiresInDays } = body;
    const recipient = this.key.publicJwk;
    const asked = { ...accountOf(caller, params.name), token, expiresInDays, recipient };
    return openMade(this.key, await this.bus.request(createServiceAccountToken, asked));
  }
}
