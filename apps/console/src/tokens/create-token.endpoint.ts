import { Bus, TransportKey } from '@gatehouse/bus';
import { createToken, NewTokenSecret } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { ownerOf } from './owner.js';

const createMyToken = route({
  method: 'POST',
  path: '/api/v1/me/tokens',
  summary: 'Make a personal access token; its value is shown this once',
  access: 'person',
  body: jsonBody(z.strictObject(createToken.request.pick({ name: true, expiresInDays: true }).shape)),
  status: 201,
  reply: z.object({ token: z.string(), id: z.string(), expires: z.string().nullable() }),
});

@Endpoint(createMyToken)
export class CreateToken {
  constructor(
    private readonly bus: Bus,
    private readonly key: TransportKey,
  ) {}

  async handle({ caller, body }: Call<typeof createMyToken>): Promise<Reply<typeof createMyToken>> {
    const owner = ownerOf(caller);
    const made = await this.bus.request(createToken, { ...owner, ...body, recipient: this.key.publicJwk });
    const { token } = await this.key.open(made.sealed, NewTokenSecret);
    return { token, id: made.token.id, expires: made.token.expires };
  }
}
