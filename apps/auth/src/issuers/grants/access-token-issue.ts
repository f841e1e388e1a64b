import { Injectable } from '@nestjs/common';
import { errors, type ResourceServer, type TokenEndpointGrantContext } from 'oidc-provider';
import { Clients } from '../../clients/clients.store.js';
import { accountOf, type Holder } from '../../oidc/account.js';

/** The token endpoint's context, with the parameters as they were sent: one value each. */
export type GrantContext = TokenEndpointGrantContext<Record<string, string | undefined>>;

/** How the engine is told what a resource indicator stands for. */
export type ResourceServerOf = (ctx: GrantContext, indicator: string) => ResourceServer;

/** For whom a token is issued, and by whose end it ends too. */
interface Bearer {
  readonly holder: Holder;
  readonly grant: string;
}

/** Issues access tokens, and no refresh tokens, where nobody signs in. */
@Injectable()
export class AccessTokenIssue {
  constructor(private readonly clients: Clients) {}

  /**
   * @param allowed the scopes that it may carry at most, besides those asked for and those of the resource
   * @throws errors.InvalidScope if none is left; errors.UnauthorizedClient if the tenant has blocked the client
   */
  async issue(
    ctx: GrantContext,
    { holder, grant }: Bearer,
    { resource, allowed }: { resource: ResourceServer; allowed?: string | undefined },
  ): Promise<object> {
    const { provider, client, params } = ctx.oidc;
    const scope = scopesLeft(resource.scope, [params.scope, allowed]);
    if (!(await this.clients.permitted(client.clientId, holder.tenant)))
      throw new errors.UnauthorizedClient('this client may not be used in this organisation');
    ctx.oidc.entity('Account', accountOf(holder));
    const token = new provider.AccessToken({
      ...{ client, scope, accountId: holder.id, grantId: grant, gty: params.grant_type ?? '' },
      resourceServer: new provider.ResourceServer(resource.audience ?? '', resource),
      expiresIn: resource.accessTokenTTL,
    });
    const access_token = await token.save();
    return { access_token, token_type: 'Bearer', expires_in: token.expiration, scope };
  }
}

function scopesLeft(offered: string, limits: ReadonlyArray<string | undefined>): string {
  const sets = limits.filter((limit) => limit !== undefined).map((limit) => new Set(limit.split(' ')));
  const left = offered.split(' ').filter((scope) => sets.every((set) => set.has(scope)));
  if (left.length === 0) throw new errors.InvalidScope(`scope must be among: ${offered}`, '');
  return left.join(' ');
}
