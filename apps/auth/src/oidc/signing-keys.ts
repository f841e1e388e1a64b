import { setTimeout as delay } from 'node:timers/promises';
import { TransportKey, type Bus } from '@gatehouse/bus';
import { AuthKeys, Failure, leaseAuthKeys } from '@gatehouse/contracts';
import { StartError, type Logger } from '@gatehouse/runtime';
import type { z } from 'zod';

/** Private signing keys and cookie secrets, as the vault hands them out. Kept in memory only. */
export type SigningKeys = z.output<typeof AuthKeys>;

/** Injection token of {@link SigningKeys}. */
export const SIGNING_KEYS = Symbol('signing keys');

const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;
/** What a public EC key consists of (RFC 7517, 7518): nothing else leaves this process. */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg'];

/**
 * Fetches the keys from the vault, waiting for it a minute.
 *
 * @throws StartError if it has not answered by then
 */
export async function leaseSigningKeys(bus: Bus, log: Logger): Promise<SigningKeys> {
  const key = await TransportKey.create();
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const { sealed } = await bus.request(leaseAuthKeys, { recipient: key.publicJwk });
      return await key.open(sealed, AuthKeys);
    } catch (error) {
      if (!(error instanceof Failure && error.row.retryable)) throw error;
      if (Date.now() > until)
        throw new StartError(
          `the vault has not handed out the signing keys for ${PATIENCE_MS / 1_000} s (${error.code}): start the vault, and look into its log`,
        );
      log.warn({ reason: error.code }, 'waiting for the vault to hand out the signing keys');
      await delay(PAUSE_MS);
    }
  }
}

export function publicKeys(keys: SigningKeys): Array<{ kty: string; kid: string }> {
  return keys.signing.map(
    (jwk) =>
      Object.fromEntries(PUBLIC_MEMBERS.map((member) => [member, jwk[member]])) as {
        kty: string;
        kid: string;
      },
  );
}
