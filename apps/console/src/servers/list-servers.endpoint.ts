import { ServerSummary } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { VisibleServers } from './visible-servers.js';

const listMyServers = route({
  method: 'GET',
  path: '/api/v1/servers',
  summary: 'The MCP servers by name: all of them to an administrator, to others those they may use',
  access: 'person',
  query: z.strictObject({ limit: limitUpTo(500, 100), cursor: z.string().optional() }),
  reply: pageOf(ServerSummary),
});

@Endpoint(listMyServers)
export class ListServers {
  constructor(private readonly servers: VisibleServers) {}

  handle({ caller, query }: Call<typeof listMyServers>): Promise<Reply<typeof listMyServers>> {
    return this.servers.page(caller, query.limit, query.cursor ?? null);
  }
}
