import { randomUUID } from 'node:crypto';
import { Handle, seal } from '@gatehouse/bus';
import { createToken, TOKEN_PREFIX } from '@gatehouse/contracts';
import type { z } from 'zod';
import { digest, opaqueSecret } from '../opaque-secret.js';
import { shown } from './list-tokens.handler.js';
import { PersonalAccessTokens } from './personal-access-token.store.js';

const DAY_MS = 86_400_000;

@Handle(createToken)
export class CreateToken {
  constructor(private readonly tokens: PersonalAccessTokens) {}

  async handle(request: z.output<typeof createToken.request>) {
    const { tenant, person, name, expiresInDays, recipient } = request;
    const value = opaqueSecret(TOKEN_PREFIX.personalAccessToken);
    const created = new Date();
    const expires = new Date(created.getTime() + expiresInDays * DAY_MS);
    const unused = { lastUsed: null, revoked: null };
    const token = {
      id: randomUUID(),
      hash: digest(value),
      tenant,
      person,
      name,
      created,
      expires,
      ...unused,
    };
    // Sealed first: a token that cannot be handed over is not made.
    const sealed = await seal({ token: value }, recipient);
    await this.tokens.add(token);
    return { token: shown(token), sealed };
  }
}
