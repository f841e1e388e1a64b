import { Handle } from '@gatehouse/bus';
import { revokeServiceAccountToken } from '@gatehouse/contracts';
import type { z } from 'zod';
import { ServiceAccountTokens } from './service-account-tokens.store.js';

@Handle(revokeServiceAccountToken)
export class RevokeServiceAccountToken {
  constructor(private readonly tokens: ServiceAccountTokens) {}

  async handle({ id, ...named }: z.output<typeof revokeServiceAccountToken.request>) {
    await this.tokens.revoke(named, id);
    return {};
  }
}
