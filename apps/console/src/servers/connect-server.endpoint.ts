import { Name } from '@gatehouse/contracts';
import { connectSnippets, resourceUrl } from '@gatehouse/mcp';
import { z } from 'zod';
import { Addresses } from '../addresses.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { VisibleServers } from './visible-servers.js';

const connectServer = route({
  method: 'GET',
  path: '/api/v1/servers/{name}/connect',
  summary: 'Ready snippets and deep links for each client',
  access: 'person',
  params: z.strictObject({ name: Name }),
  reply: z.object({
    url: z.url(),
    snippets: z.array(
      z.object({
        client: z.string(),
        title: z.string(),
        file: z.string().optional(),
        language: z.string(),
        text: z.string(),
        deepLink: z.string().optional(),
      }),
    ),
  }),
});

@Endpoint(connectServer)
export class ConnectServer {
  constructor(
    private readonly servers: VisibleServers,
    private readonly addresses: Addresses,
  ) {}

  async handle({ caller, params }: Call<typeof connectServer>): Promise<Reply<typeof connectServer>> {
    const { name } = await this.servers.find(caller, params.name);
    const url = resourceUrl(this.addresses.origin, { tenant: caller.tenant, server: name });
    return { url, snippets: connectSnippets(url, name) };
  }
}
