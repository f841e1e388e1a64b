import { IdentityProviderManifest, ServiceAccountManifest, TeamManifest } from '@gatehouse/contracts';
import { z } from 'zod';
import { resolveSecret } from './resolve-secret.js';

const ClientSecret = z
  .string()
  .transform(resolveSecret)
  .pipe(z.string().min(1).max(4_096))
  .nullable()
  .optional();

/** The kinds that auth keeps, by their `type`; a client secret comes out resolved. */
export const ACCESS_KINDS = {
  team: TeamManifest,
  'service-account': ServiceAccountManifest,
  'identity-provider': IdentityProviderManifest.safeExtend({ client_secret: ClientSecret }),
};
