import { Injectable } from '@nestjs/common';
import { errors, type ResourceServer, type TokenEndpointGrantContext } from 'oidc-provider';
import { Clients } from '../../clients/clients.store.js';
import { accountOf, type Holder } from '../../oidc/account.js';
import { tellOutage } from '../../oidc/outage.js';
import { existingScopes, possibleScopes, scopesOf, type Resource } from '../../oidc/requests/resource.js';
import { AccessCheck } from '../../people/access.js';

/** The token endpoint's context, with the parameters as they were sent: one value each. */
export type GrantContext = TokenEndpointGrantContext<Record<string, string | undefined>>;

/** How the engine is told what a resource indicator stands for. */
export type ResourceServerOf = (ctx: GrantContext, indicator: string) => ResourceServer;

/** For whom a token is issued, and by whose end it ends too. */
interface Bearer {
  readonly holder: Holder;
  readonly grant: string;
}

/** What it is issued for. */
interface Target {
  readonly resource: Resource;
  readonly server: ResourceServer;
  /** The scopes that it may carry at most, besides those asked for; unset: any. */
  readonly allowed?: string | undefined;
}

/** Issues access tokens, and no refresh tokens, where nobody signs in. */
@Injectable()
export class AccessTokenIssue {
  constructor(
    private readonly clients: Clients,
    private readonly access: AccessCheck,
  ) {}

  /**
   * @throws errors.InvalidScope if no scope is left; errors.UnauthorizedClient if the tenant has blocked the client
   */
  async issue(ctx: GrantContext, { holder, grant }: Bearer, target: Target): Promise<object> {
    const { provider, client, params } = ctx.oidc;
    if (!(await this.clients.permitted(client.clientId, holder.tenant)))
      throw new errors.UnauthorizedClient('this client may not be used in this organisation');
    const scope = await this.scope(holder, params.scope, target);
    ctx.oidc.entity('Account', accountOf(holder));
    const token = new provider.AccessToken({
      ...{ client, scope, accountId: holder.id, grantId: grant, gty: params.grant_type ?? '' },
      resourceServer: new provider.ResourceServer(target.resource.url, target.server),
      expiresIn: target.server.accessTokenTTL,
    });
    const access_token = await token.save();
    return { access_token, token_type: 'Bearer', expires_in: token.expiration, scope };
  }

  /** A server's own scopes are given only if they are asked for, and there are such. */
  private async scope(holder: Holder, asked: string | undefined, target: Target): Promise<string> {
    const { resource, allowed } = target;
    const usual = scopesOf(resource);
    const limits = allowed?.split(' ');
    const possible = possibleScopes(resource, asked ?? usual.join(' ')).filter(
      (scope) => limits?.includes(scope) !== false,
    );
    const ask = possible.some((scope) => !usual.includes(scope));
    const own = ask ? (await tellOutage(() => this.access.ask(holder, resource))).scopes : [];
    const scopes = existingScopes(resource, possible, own);
    if (scopes.length === 0) throw new errors.InvalidScope(`scope must be among: ${usual.join(' ')}`, '');
    return scopes.join(' ');
  }
}
