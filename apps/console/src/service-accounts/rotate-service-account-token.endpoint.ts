import { Bus, TransportKey } from '@gatehouse/bus';
import { GraceSeconds, rotateServiceAccountToken } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import { knownToken } from '../api/unknown-token.js';
import type { Call, Reply } from '../api/route.js';
import { ExpiresInDays, MadeToken, openMade } from './new-token-body.js';
import { accountOf, NamedToken } from './service-account-route.js';

const HOUR = 3_600;

const rotateToken = route({
  method: 'POST',
  path: '/api/v1/service-accounts/{name}/tokens/{id}/rotate',
  summary: 'Replace a token by a new one, shown this once; the old one works until the grace is over',
  access: 'admin',
  params: NamedToken,
  body: jsonBody(z.strictObject({ graceSeconds: GraceSeconds.default(HOUR), expiresInDays: ExpiresInDays })),
  status: 201,
  reply: MadeToken,
});

@Endpoint(rotateToken)
export class RotateServiceAccountToken {
  constructor(
    private readonly bus: Bus,
    private readonly key: TransportKey,
  ) {}

  async handle({ caller, params, body }: Call<typeof rotateToken>): Promise<Reply<typeof rotateToken>> {
    const old = { ...accountOf(caller, params.name), id: params.id };
    const asked = { ...old, ...body, recipient: this.key.publicJwk };
    return openMade(this.key, await knownToken(this.bus.request(rotateServiceAccountToken, asked)));
  }
}
