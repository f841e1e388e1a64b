import { Handle } from '@gatehouse/bus';
import { rotateServiceAccountToken } from '@gatehouse/contracts';
import type { z } from 'zod';
import { shownToken } from './list-service-account-tokens.handler.js';
import { NewTokens } from './new-tokens.js';
import { ServiceAccountTokens } from './service-account-tokens.store.js';

@Handle(rotateServiceAccountToken)
export class RotateServiceAccountToken {
  constructor(
    private readonly tokens: ServiceAccountTokens,
    private readonly newTokens: NewTokens,
  ) {}

  async handle(request: z.output<typeof rotateServiceAccountToken.request>) {
    const { id, graceSeconds, expiresInDays, recipient, ...named } = request;
    const { token, sealed } = await this.newTokens.make(expiresInDays, recipient);
    const made = await this.tokens.rotate(named, { id, graceSeconds }, ({ name }) => ({ ...token, name }));
    return { token: shownToken(made), sealed };
  }
}
