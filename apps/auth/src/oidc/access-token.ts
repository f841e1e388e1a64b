import { errors, type KoaContextWithOIDC, type UnknownObject } from 'oidc-provider';
import { holderOf, type Holder } from './account.js';
import { API_SCOPES } from './requests/resource.js';

/**
 * What an access token says beyond RFC 9068: `tenant`, `name` (a person's e-mail, a service account's name), `teams`,
 * `client_name`, `gid` (the grant, or the registered issuer on whose word it was issued; by its end the token ends
 * too), `gen` (the holder's generation, see AccessEnded), `subject_type` where the holder is no person, and for the
 * admin API whether the holder administers.
 */
export function accessTokenClaims(
  ctx: KoaContextWithOIDC,
  token: { grantId?: string | undefined; scope?: string | undefined },
): UnknownObject {
  const holder = holderOf(ctx);
  const { client } = ctx.oidc;
  if (!holder || !client || !token.grantId) throw new errors.InvalidGrant();
  return {
    tenant: holder.tenant,
    teams: holder.teams,
    client_name: client.clientName ?? client.clientId,
    gid: token.grantId,
    gen: holder.generation,
    ...nameOf(holder),
    ...(token.scope === API_SCOPES.join(' ') ? { admin: administers(holder) } : {}),
  };
}

function nameOf(holder: Holder): UnknownObject {
  return 'email' in holder ? { name: holder.email } : { name: holder.name, subject_type: 'service-account' };
}

function administers(holder: Holder): boolean {
  return 'email' in holder ? holder.admin : holder.roles.includes('admin');
}
