import { type Bus, seal } from '@gatehouse/bus';
import type { Caller } from '@gatehouse/caller';
import {
  getAuthKey,
  type IdentityProviderInput,
  Name,
  saveIdentityProvider,
  type StoredIdentityProvider,
} from '@gatehouse/contracts';
import { z } from 'zod';

export const PROVIDERS = '/api/v1/identity-providers';
export const Named = z.strictObject({ name: Name });

interface Save {
  readonly mode: 'create' | 'replace';
  readonly provider: IdentityProviderInput;
}

/** Writes a provider in the caller's tenant. Sealed: a client secret may be in it. */
export async function saveProvider(
  bus: Bus,
  { tenant }: Caller,
  save: Save,
): Promise<StoredIdentityProvider> {
  const { key } = await bus.request(getAuthKey, {});
  return bus.request(saveIdentityProvider, { sealed: await seal({ tenant, ...save }, key) });
}
