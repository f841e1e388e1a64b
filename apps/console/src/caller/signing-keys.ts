import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { listKeys } from '@gatehouse/contracts';
import {
  createLocalJWKSet,
  type CryptoKey,
  errors,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
} from 'jose';

/** Forged key ids must not become a flood of questions. A new key is published well before it signs. */
const ASK_AGAIN_MS = 10_000;

/** The authorization server's public keys, asked for when a token names one that is not known yet. */
@Injectable()
export class SigningKeys {
  private known = createLocalJWKSet({ keys: [] });
  private askedAt = -Infinity;

  constructor(private readonly bus: Bus) {}

  /** @throws JWKSNoMatchingKey if no such key exists; Failure if the auth service cannot be asked */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    try {
      return await this.known(header, token);
    } catch (error) {
      const recently = performance.now() - this.askedAt < ASK_AGAIN_MS;
      if (!(error instanceof errors.JWKSNoMatchingKey) || recently) throw error;
      await this.ask();
      return this.known(header, token);
    }
  }

  private async ask(): Promise<void> {
    const { keys } = await this.bus.request(listKeys, {});
    this.known = createLocalJWKSet({ keys });
    this.askedAt = performance.now();
  }
}
