import { Injectable } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { decodeJwt } from 'jose';
import { errors } from 'oidc-provider';
import { tellOutage } from '../../oidc/outage.js';
import { scopesOf } from '../../oidc/requests/resource.js';
import { IssuedTokens, type Vouched } from '../issued-tokens.js';
import { Refusals } from '../refusals.js';
import { UsedAssertions } from '../used-assertions.store.js';
import { AccessTokenIssue, type GrantContext, type ResourceServerOf } from './access-token-issue.js';
import { readResource } from './requested-resource.js';

/**
 * Identity assertions (ID-JAG, draft-ietf-oauth-identity-assertion-authz-grant) by the JWT bearer grant (RFC 7523):
 * the enterprise's identity provider has decided that this client may act for this person, so nobody is asked again.
 */
@Injectable()
export class IdentityAssertions {
  static readonly grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  /** As metadata tells of it. */
  static readonly profile = 'urn:ietf:params:oauth:grant-profile:id-jag';
  static readonly parameters = ['assertion', 'resource', 'scope'];

  constructor(
    private readonly tokens: IssuedTokens,
    private readonly used: UsedAssertions,
    private readonly refusals: Refusals,
    private readonly accessTokens: AccessTokenIssue,
  ) {}

  async answer(ctx: GrantContext, resourceServerOf: ResourceServerOf): Promise<object> {
    const { assertion } = ctx.oidc.params;
    if (!assertion) throw new errors.InvalidRequest('assertion is missing', 400);
    const { indicator, resource } = readResource(ctx, claimedResource(assertion));
    if (resource.kind === 'api') throw new errors.InvalidTarget('the admin API is not open to assertions');
    const vouched = await grant(() => this.verify(ctx, assertion, resource.tenant));
    const { scope = scopesOf(resource).join(' ') } = vouched.claims;
    const server = resourceServerOf(ctx, indicator);
    return this.accessTokens.issue(ctx, vouched, { resource, server, allowed: String(scope) });
  }

  private async verify({ oidc }: GrantContext, assertion: string, tenant: string): Promise<Vouched> {
    const vouched = await this.tokens.verify(assertion, { tenant, use: 'id_jag', audience: oidc.issuer });
    const reason = faultOf(vouched, oidc) ?? ((await this.used.use(vouched)) ? null : 'it was used before');
    return reason === null ? vouched : this.refusals.refuse({ ...vouched, reason });
  }
}

function faultOf({ issuer, claims }: Vouched, { client, params }: GrantContext['oidc']): string | null {
  if (claims['client_id'] !== client.clientId) return 'it was issued to another client';
  if (client.clientAuthMethod === 'none' && !issuer.registration.allow_public_clients)
    return 'its client has not authenticated';
  const asked = params['resource'];
  const resources = [claims['resource'] ?? []].flat();
  return asked !== undefined && resources.length > 0 && !resources.includes(asked)
    ? 'it is for another resource'
    : null;
}

/** Read before anything is verified: it tells the tenant whose issuers are asked. */
function claimedResource(assertion: string): string | undefined {
  try {
    const [resource, ...others] = [decodeJwt(assertion)['resource']].flat();
    return typeof resource === 'string' && others.length === 0 ? resource : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 7521, section 4.1.1: an assertion that is not good is an invalid grant. */
async function grant<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await tellOutage(work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw Object.assign(new errors.InvalidGrant(error.message), { error_description: error.message });
  }
}
