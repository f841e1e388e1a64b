import { MCP_SCOPES } from '@gatehouse/contracts';
import { IdentityAssertions } from '../issuers/grants/identity-assertions.js';

/** Members of the engine's metadata that speak of what we do not offer: clients act on whatever is listed. */
const UNUSED = [
  'claim_types_supported',
  'claims_parameter_supported',
  'claims_supported',
  'request_uri_parameter_supported',
];

/**
 * The authorization server's metadata (RFC 8414) as clients should see it. Scopes are the fewest that work: some
 * clients ask for all that is listed, and `offline_access` makes them ask for consent every time.
 */
export function publishedMetadata(engine: object): object {
  const kept = Object.entries(engine).filter(([member]) => !UNUSED.includes(member));
  return {
    ...Object.fromEntries(kept),
    scopes_supported: [...MCP_SCOPES],
    response_modes_supported: ['query'],
    authorization_grant_profiles_supported: [IdentityAssertions.profile],
  };
}
