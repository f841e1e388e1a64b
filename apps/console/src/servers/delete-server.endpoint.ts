import { Bus } from '@gatehouse/bus';
import { deleteServer, Name } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';

const deleteOneServer = route({
  method: 'DELETE',
  path: '/api/v1/servers/{name}',
  summary: 'Take an MCP server out of the catalogue, with its credential',
  access: 'admin',
  params: z.strictObject({ name: Name }),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(deleteOneServer)
export class DeleteServer {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof deleteOneServer>): Promise<undefined> {
    await this.bus.request(deleteServer, { tenant: caller.tenant, name: params.name });
  }
}
