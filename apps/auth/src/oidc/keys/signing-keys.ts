import { createPrivateKey, type KeyObject } from 'node:crypto';
import { TransportKey, type Bus } from '@gatehouse/bus';
import { AuthKeys, authKeysChanged, leaseAuthKeys, vaultAuthKeysChanged } from '@gatehouse/contracts';
import { patiently, type Logger } from '@gatehouse/runtime';
import type { z } from 'zod';

type Leased = z.output<typeof AuthKeys>;

/** What a public EC key consists of (RFC 7517, 7518): nothing else leaves this process. */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg'];
/** Several times within the lead of a new key: an event that was missed does not matter. */
const LEASE_AGAIN_MS = 60_000;

/**
 * Private signing keys and cookie secrets, as the vault hands them out; in memory only. The clock says which of them
 * serve, so that all replicas change over together, long after each of them has published the new key.
 */
export class SigningKeys {
  private readonly leasing: NodeJS.Timeout;
  private readonly keyObjects = new Map<string, KeyObject>();
  /** The kids which the verifiers have been told of. */
  private told: string;

  private constructor(
    private readonly bus: Bus,
    private readonly log: Logger,
    private readonly own: TransportKey,
    private leased: Leased,
  ) {
    this.told = this.kids();
    this.leasing = setInterval(() => this.renew(), LEASE_AGAIN_MS);
    this.leasing.unref();
    bus.subscribe(vaultAuthKeysChanged, () => this.renew());
    bus.onReconnect(() => this.renew());
  }

  /**
   * Fetches the keys from the vault, waiting for it a minute.
   *
   * @throws StartError if it has not answered by then
   */
  static async lease(bus: Bus, log: Logger): Promise<SigningKeys> {
    const own = await TransportKey.create();
    const leased = await patiently(log, 'the vault', () => lease(bus, own));
    return new SigningKeys(bus, log, own, leased);
  }

  stop(): void {
    clearInterval(this.leasing);
  }

  /** The `kid` of the key that signs now. */
  get kid(): string {
    return active(this.leased.signing).kid;
  }

  /** The key of that `kid`, even if another signs by now. */
  privateKey(kid: string): KeyObject {
    const known = this.keyObjects.get(kid);
    if (known) return known;
    const key = this.leased.signing.find((jwk) => jwk.kid === kid);
    if (!key) throw new Error(`there is no signing key ${kid}`);
    const made = createPrivateKey({ key, format: 'jwk' });
    this.keyObjects.set(kid, made);
    return made;
  }

  /** Every key that verifies: those to come too. */
  publicKeys(): Array<{ kty: string; kid: string }> {
    return kept(this.leased.signing).map(
      (jwk) =>
        Object.fromEntries(PUBLIC_MEMBERS.map((member) => [member, jwk[member]])) as {
          kty: string;
          kid: string;
        },
    );
  }

  /** Newest first of those that serve; the ones to come last, so that they verify already. */
  cookieSecrets(): string[] {
    const { cookies } = this.leased;
    const first = active(cookies);
    return [first, ...kept(cookies).filter((key) => key !== first)].map(({ secret }) => secret);
  }

  get transport(): Leased['transport'] {
    return this.leased.transport;
  }

  /** A vault that does not answer is asked again in a minute: the keys at hand serve on. */
  private renew(): void {
    lease(this.bus, this.own)
      .then((leased) => {
        this.leased = leased;
        this.tell();
      })
      .catch((error: unknown) => this.log.warn({ err: error }, 'the keys were not leased again'));
  }

  /** Keys come by lease, and go by the clock. */
  private tell(): void {
    const kids = this.kids();
    if (kids === this.told) return;
    this.told = kids;
    this.bus.publish(authKeysChanged, {});
  }

  private kids(): string {
    return this.publicKeys()
      .map(({ kid }) => kid)
      .join(' ');
  }
}

async function lease(bus: Bus, own: TransportKey): Promise<Leased> {
  const { sealed } = await bus.request(leaseAuthKeys, { recipient: own.publicJwk });
  return own.open(sealed, AuthKeys);
}

type Term = Pick<Leased['cookies'][number], 'activeFrom' | 'keepUntil'>;

/** The newest whose time has come. */
function active<Key extends Term>(keys: readonly Key[]): Key {
  const found = keys.find(({ activeFrom }) => activeFrom <= Date.now()) ?? keys.at(-1);
  if (!found) throw new Error('the vault leased no keys');
  return found;
}

function kept<Key extends Term>(keys: readonly Key[]): Key[] {
  return keys.filter(({ keepUntil }) => keepUntil === null || keepUntil > Date.now());
}
