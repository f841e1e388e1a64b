import type { TransportKey } from '@gatehouse/bus';
import { NewTokenSecret, type createServiceAccountToken } from '@gatehouse/contracts';
import { z } from 'zod';

/** Days until a new token expires. */
export const ExpiresInDays = z.number().int().min(1).max(3_650).default(90);

/** A new token, shown this once. */
export const MadeToken = z.object({ token: z.string(), id: z.string(), expires: z.string() });

/** Opens what the auth service has sealed to us. */
export async function openMade(key: TransportKey, made: z.output<typeof createServiceAccountToken.reply>) {
  const { token } = await key.open(made.sealed, NewTokenSecret);
  return { token, id: made.token.id, expires: made.token.expires };
}
