import { errors, type KoaContextWithOIDC, type UnknownObject } from 'oidc-provider';
import { personOf } from './account.js';
import { API_SCOPES } from './requests/resource.js';

/**
 * What an access token says beyond RFC 9068: `tenant`, `name` (the e-mail), `teams`, `client_name`, `gid` (the grant,
 * by whose end the token ends too), `gen` (the person's generation, see AccessEnded), and for the admin API whether the person is an administrator.
 */
export function accessTokenClaims(
  ctx: KoaContextWithOIDC,
  token: { grantId?: string | undefined; scope?: string | undefined },
): UnknownObject {
  const person = personOf(ctx);
  const { client } = ctx.oidc;
  if (!person || !client || !token.grantId) throw new errors.InvalidGrant();
  return {
    tenant: person.tenant,
    name: person.email,
    teams: person.teams,
    client_name: client.clientName ?? client.clientId,
    gid: token.grantId,
    gen: person.generation,
    ...(token.scope === API_SCOPES.join(' ') ? { admin: person.admin } : {}),
  };
}
