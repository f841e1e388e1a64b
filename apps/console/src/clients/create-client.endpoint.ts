import { Bus, TransportKey } from '@gatehouse/bus';
import {
  Client,
  ClientAuthentication,
  ClientSettings,
  createClient,
  NewClientSecret,
} from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

const { jwksUri } = ClientSettings.shape;
const NewClient = ClientSettings.extend({
  authentication: ClientAuthentication.default('none'),
  jwksUri: jwksUri.default(null),
});

const makeClient = route({
  method: 'POST',
  path: '/api/v1/clients',
  summary:
    'Make an OAuth client for the servers of this organisation; its secret, if it has one, is shown this once',
  access: 'admin',
  body: jsonBody(NewClient),
  status: 201,
  reply: Client.extend({ secret: z.string().nullable() }),
});

@Endpoint(makeClient)
export class CreateClient {
  constructor(
    private readonly bus: Bus,
    private readonly key: TransportKey,
  ) {}

  async handle({ caller, body }: Call<typeof makeClient>): Promise<Reply<typeof makeClient>> {
    const { authentication, ...settings } = body;
    const who = { tenant: caller.tenant, by: caller.subject.id };
    const recipient = this.key.publicJwk;
    const made = await this.bus.request(createClient, { ...who, authentication, settings, recipient });
    const opened = made.sealed === null ? null : await this.key.open(made.sealed, NewClientSecret);
    return { ...made.client, secret: opened?.secret ?? null };
  }
}
