import { Name } from '@gatehouse/contracts';
import { errors } from 'oidc-provider';
import { parseResource, type Resource } from '../../oidc/requests/resource.js';
import type { GrantContext } from './access-token-issue.js';

/** What a token is asked for (RFC 8707). @param claimed what an assertion says, where the request does not */
export function readResource(
  { oidc }: GrantContext,
  claimed?: string,
): { indicator: string; resource: Resource } {
  const { resource: asked } = oidc.params;
  if (Array.isArray(asked))
    throw new errors.InvalidTarget('resource must be given once: a token is for one server');
  const indicator = asked ?? claimed;
  if (indicator === undefined)
    throw new errors.InvalidTarget(
      'resource is missing: name the MCP server that the token is for (RFC 8707)',
    );
  const resource = parseResource(oidc.issuer, indicator);
  if (resource) return { indicator, resource };
  throw new errors.InvalidTarget(`resource must be an MCP server's address under ${oidc.issuer}`);
}

/** The tenant whose resource is asked for: an MCP server's address names its tenant; the admin API has one address for all of them. */
export function tenantOf({ oidc: { params } }: GrantContext, resource: Resource): string {
  if (resource.kind === 'server') return resource.tenant;
  const tenant = Name.safeParse(params['audience']);
  if (tenant.success) return tenant.data;
  throw new errors.InvalidTarget('audience must name the tenant, where the resource is the admin API');
}
