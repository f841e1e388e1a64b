import { Name, ServerSummary } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { VisibleServers } from './visible-servers.js';

const showServer = route({
  method: 'GET',
  path: '/api/v1/servers/{name}',
  summary: 'One MCP server',
  access: 'person',
  params: z.strictObject({ name: Name }),
  reply: ServerSummary,
});

@Endpoint(showServer)
export class ShowServer {
  constructor(private readonly servers: VisibleServers) {}

  handle({ caller, params }: Call<typeof showServer>): Promise<Reply<typeof showServer>> {
    return this.servers.find(caller, params.name);
  }
}
