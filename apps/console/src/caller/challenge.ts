import type { FailureCode } from '@gatehouse/contracts';
import { type BearerChallenge, bearerChallenge } from '@gatehouse/mcp';
import type { Addresses } from '../addresses.js';

/** The scope that an access token for the admin API carries. */
export const API_SCOPE = 'api';

/** The WWW-Authenticate header (RFC 6750 section 3, RFC 9728 section 5.1) that belongs to a failure, if one does. */
export function challenge(code: FailureCode, addresses: Addresses, tokenSent: boolean): string | null {
  const plain: BearerChallenge = { resourceMetadata: addresses.resourceMetadata, scope: API_SCOPE };
  switch (code) {
    case 'caller.unauthenticated':
    case 'auth.unknown_token':
      return bearerChallenge(tokenSent ? { ...plain, error: 'invalid_token' } : plain);
    case 'caller.insufficient_scope':
      return bearerChallenge({ ...plain, error: 'insufficient_scope' });
    default:
      return null;
  }
}
