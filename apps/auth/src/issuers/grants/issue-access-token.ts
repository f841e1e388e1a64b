import { errors, type ResourceServer, type TokenEndpointGrantContext } from 'oidc-provider';
import { accountOf } from '../../oidc/account.js';
import type { Vouched } from '../issued-tokens.js';

/** The token endpoint's context, with the parameters as they were sent: one value each. */
export type GrantContext = TokenEndpointGrantContext<Record<string, string | undefined>>;

/** How the engine is told what a resource indicator stands for. */
export type ResourceServerOf = (ctx: GrantContext, indicator: string) => ResourceServer;

/**
 * Issues an access token, and no refresh token, on the word of another issuer: by its end the token ends too.
 *
 * @param allowed the scopes that it may carry at most, besides those asked for and those of the resource
 * @throws errors.InvalidScope if none is left
 */
export async function issueAccessToken(
  ctx: GrantContext,
  { holder, issuer }: Vouched,
  { resource, allowed }: { resource: ResourceServer; allowed?: string | undefined },
): Promise<object> {
  const { provider, client, params } = ctx.oidc;
  const scope = scopesLeft(resource.scope, [params.scope, allowed]);
  ctx.oidc.entity('Account', accountOf(holder));
  const token = new provider.AccessToken({
    ...{ client, scope, accountId: holder.id, grantId: issuer.id, gty: params.grant_type ?? '' },
    resourceServer: new provider.ResourceServer(resource.audience ?? '', resource),
    expiresIn: resource.accessTokenTTL,
  });
  const access_token = await token.save();
  return { access_token, token_type: 'Bearer', expires_in: token.expiration, scope };
}

function scopesLeft(offered: string, limits: ReadonlyArray<string | undefined>): string {
  const sets = limits.filter((limit) => limit !== undefined).map((limit) => new Set(limit.split(' ')));
  const left = offered.split(' ').filter((scope) => sets.every((set) => set.has(scope)));
  if (left.length === 0) throw new errors.InvalidScope(`scope must be among: ${offered}`, '');
  return left.join(' ');
}
