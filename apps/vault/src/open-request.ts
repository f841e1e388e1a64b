import type { TransportKey } from '@gatehouse/bus';
import { Failure } from '@gatehouse/contracts';
import type { z } from 'zod';
import { refused } from './refused.js';

export interface SealedRequest {
  readonly sealed: string;
}

/** Opens what a caller sealed to this vault. @throws Failure `vault.request_refused` if it is not for this key */
export async function openRequest<Schema extends z.ZodType>(
  key: TransportKey,
  { sealed }: SealedRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  return key.open(sealed, schema).catch((error: unknown) => {
    throw error instanceof Failure ? refused('it does not open with the key of this vault') : error;
  });
}
