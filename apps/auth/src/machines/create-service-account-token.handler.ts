import { Handle } from '@gatehouse/bus';
import { createServiceAccountToken } from '@gatehouse/contracts';
import type { z } from 'zod';
import { shownToken } from './list-service-account-tokens.handler.js';
import { NewTokens } from './new-tokens.js';
import { ServiceAccountTokens } from './service-account-tokens.store.js';

@Handle(createServiceAccountToken)
export class CreateServiceAccountToken {
  constructor(
    private readonly tokens: ServiceAccountTokens,
    private readonly newTokens: NewTokens,
  ) {}

  async handle(request: z.output<typeof createServiceAccountToken.request>) {
    const { token: name, expiresInDays, recipient, ...named } = request;
    const { token, sealed } = await this.newTokens.make(expiresInDays, recipient);
    return { token: shownToken(await this.tokens.add(named, { ...token, name })), sealed };
  }
}
