import { randomUUID } from 'node:crypto';
import { seal } from '@gatehouse/bus';
import { Failure, TOKEN_PREFIX } from '@gatehouse/contracts';
import { digest, opaqueSecret } from '../opaque-secret.js';
import type { NewToken } from './service-account-tokens.store.js';

const DAY_MS = 86_400_000;

/** Makes the values of service accounts' tokens. */
export class NewTokens {
  /** @param maxDays the longest life that this installation allows, in days */
  constructor(private readonly maxDays: number) {}

  /**
   * A token, nameless yet, and its value sealed to `recipient`: what cannot be handed over is not made.
   *
   * @throws Failure `api.invalid_request` if it would live too long
   */
  async make(days: number, recipient: unknown): Promise<{ token: Omit<NewToken, 'name'>; sealed: string }> {
    if (days > this.maxDays)
      throw new Failure('api.invalid_request', `body.expiresInDays: must be ${this.maxDays} at most here`);
    const value = opaqueSecret(TOKEN_PREFIX.serviceAccountToken);
    const created = new Date();
    const expires = new Date(created.getTime() + days * DAY_MS);
    const sealed = await seal({ token: value }, recipient);
    return { token: { id: randomUUID(), hash: digest(value), created, expires }, sealed };
  }
}
