import type { IncomingMessage } from 'node:http';
import { bearerToken } from '@gatehouse/caller';
import { Failure } from '@gatehouse/contracts';

/**
 * The token of an Authorization header (RFC 6750, section 2.1).
 *
 * @throws Failure `caller.unauthenticated` without one; `api.invalid_request` with several
 */
export function presentedToken(request: IncomingMessage): string {
  // Node keeps the first of two Authorization headers and drops the second silently: count the raw ones
  const count = request.rawHeaders.filter((name, i) => i % 2 === 0 && /^authorization$/i.test(name)).length;
  const value = request.headers.authorization ?? '';
  if (count > 1 || /^Bearer\s+\S+[\s,]+\S/i.test(value))
    throw new Failure('api.invalid_request', 'Send one Authorization header with one token.');
  const token = bearerToken(value);
  if (token === null) throw unauthenticated();
  return token;
}

export function unauthenticated(): Failure {
  return new Failure(
    'caller.unauthenticated',
    'Send a personal access token, or an access token for this API, as `Authorization: Bearer`.',
  );
}
