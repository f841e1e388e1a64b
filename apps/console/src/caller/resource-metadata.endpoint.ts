import { z } from 'zod';
import { Addresses } from '../addresses.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Reply } from '../api/route.js';
import { API_SCOPE } from './challenge.js';

const showResourceMetadata = route({
  method: 'GET',
  path: '/.well-known/oauth-protected-resource/api/v1',
  summary: 'Who signs people in to this API (RFC 9728)',
  access: 'public',
  reply: z.object({
    resource: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.string()),
  }),
});

@Endpoint(showResourceMetadata)
export class ShowResourceMetadata {
  constructor(private readonly addresses: Addresses) {}

  handle(): Reply<typeof showResourceMetadata> {
    return {
      resource: this.addresses.resource,
      authorization_servers: [this.addresses.origin],
      scopes_supported: [API_SCOPE],
      bearer_methods_supported: ['header'],
    };
  }
}
