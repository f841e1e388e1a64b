import { Injectable } from '@nestjs/common';
import { errors } from 'oidc-provider';
import { ServiceAccounts } from '../../machines/service-accounts.store.js';
import { tellOutage } from '../../oidc/outage.js';
import { AccessTokenIssue, type GrantContext, type ResourceServerOf } from './access-token-issue.js';
import { readResource, tenantOf } from './requested-resource.js';

/**
 * Client credentials (RFC 6749, section 4.4; io.modelcontextprotocol/oauth-client-credentials): a client that has
 * authenticated acts as the service account to which an administrator has bound it.
 */
@Injectable()
export class ClientCredentials {
  static readonly grantType = 'client_credentials';
  static readonly parameters = ['resource', 'audience', 'scope'];

  constructor(
    private readonly accounts: ServiceAccounts,
    private readonly accessTokens: AccessTokenIssue,
  ) {}

  async answer(ctx: GrantContext, resourceServerOf: ResourceServerOf): Promise<object> {
    const { indicator, resource } = readResource(ctx);
    const tenant = tenantOf(ctx, resource);
    const { clientId, clientAuthMethod } = ctx.oidc.client;
    const holder =
      clientAuthMethod === 'none' ? null : await tellOutage(() => this.accounts.ofClient(tenant, clientId));
    if (!holder) throw new errors.UnauthorizedClient('no service account is bound to this client there');
    const bearer = { holder, grant: holder.id };
    return this.accessTokens.issue(ctx, bearer, { resource, server: resourceServerOf(ctx, indicator) });
  }
}
