import type { Bus } from '@gatehouse/bus';
import { authKeysChanged, listKeys } from '@gatehouse/contracts';
import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
} from 'jose';

/** Forged key ids must not become a flood of questions. A new key is published minutes before it signs. */
const ASK_AGAIN_MS = 10_000;
/** After this long the keys are asked for again while the old ones serve: an event that was missed must not matter. */
const FRESH_MS = 300_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** The public keys with which the authorization server signs access tokens, kept here. */
export class SigningKeys {
  private known: KeySet | null = null;
  private asking: Promise<KeySet> | null = null;
  private askedAt = -Infinity;

  constructor(private readonly bus: Bus) {
    bus.subscribe(authKeysChanged, () => this.renew());
    bus.onReconnect(() => this.renew());
  }

  /**
   * The key of a token, as `jwtVerify` asks for it.
   *
   * @throws JWKSNoMatchingKey if there is no such key; a 503 failure if the auth service cannot be asked
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const known = this.known ?? (await this.ask());
    if (this.age() > FRESH_MS) this.renew();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.age() < ASK_AGAIN_MS) throw error;
      return (await this.ask())(header, token);
    }
  }

  private age(): number {
    return performance.now() - this.askedAt;
  }

  /** Nobody waits for it: what is known goes on to serve, and the next token asks again if this fails. */
  private renew(): void {
    this.ask().catch(() => undefined);
  }

  private ask(): Promise<KeySet> {
    this.asking ??= this.bus
      .request(listKeys, {})
      .then(({ keys }) => {
        this.askedAt = performance.now();
        return (this.known = createLocalJWKSet({ keys }));
      })
      .finally(() => (this.asking = null));
    return this.asking;
  }
}
