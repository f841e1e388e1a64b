import { TransportKey, type Bus } from '@gatehouse/bus';
import { AuthKeys, leaseAuthKeys } from '@gatehouse/contracts';
import { patiently, type Logger } from '@gatehouse/runtime';
import type { z } from 'zod';

/** Private signing keys and cookie secrets, as the vault hands them out. Kept in memory only. */
export type SigningKeys = z.output<typeof AuthKeys>;

/** Injection token of {@link SigningKeys}. */
export const SIGNING_KEYS = Symbol('signing keys');

/** What a public EC key consists of (RFC 7517, 7518): nothing else leaves this process. */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg'];

/**
 * Fetches the keys from the vault, waiting for it a minute.
 *
 * @throws StartError if it has not answered by then
 */
export async function leaseSigningKeys(bus: Bus, log: Logger): Promise<SigningKeys> {
  const key = await TransportKey.create();
  return patiently(log, 'the vault', async () => {
    const { sealed } = await bus.request(leaseAuthKeys, { recipient: key.publicJwk });
    return key.open(sealed, AuthKeys);
  });
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
