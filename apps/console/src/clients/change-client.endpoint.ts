import { Bus } from '@gatehouse/bus';
import { changeClient, Client, ClientSettings } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { clientOf, OneClient } from './client-route.js';

const changeOneClient = route({
  method: 'PATCH',
  path: '/api/v1/clients/{id}',
  summary: 'Change an OAuth client that was made here; what is not named stays',
  access: 'admin',
  params: OneClient,
  body: jsonBody(ClientSettings.partial()),
  reply: Client,
});

@Endpoint(changeOneClient)
export class ChangeClient {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, body }: Call<typeof changeOneClient>): Promise<Reply<typeof changeOneClient>> {
    return this.bus.request(changeClient, { ...clientOf(caller, params.id), changes: body });
  }
}
