import { Handle, seal } from '@gatehouse/bus';
import { createClient, TOKEN_PREFIX } from '@gatehouse/contracts';
import type { z } from 'zod';
import { opaqueSecret } from '../opaque-secret.js';
import { TenantClients } from './tenant-clients.store.js';

@Handle(createClient)
export class CreateClient {
  constructor(private readonly clients: TenantClients) {}

  async handle({ recipient, ...made }: z.output<typeof createClient.request>) {
    const confidential = made.authentication.startsWith('client_secret');
    const secret = confidential ? opaqueSecret(TOKEN_PREFIX.clientSecret) : null;
    // Sealed first: a client whose secret cannot be handed over is not made.
    const sealed = secret === null ? null : await seal({ secret }, recipient);
    return { client: await this.clients.create({ ...made, secret }), sealed };
  }
}
