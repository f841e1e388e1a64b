import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  tokenRevocation,
  type TokenEndpointResponse,
} from 'openid-client';
import { Unexpected } from './unexpected.js';
import type { Loopback } from './loopback.js';
import type { Walk } from './walk.js';

/** A grant that was given, on its way to tokens. */
export interface Authorization {
  config: Configuration;
  resource: string;
  callback: URL;
  checks: { expectedState: string; pkceCodeVerifier: string };
}

interface AuthorizationRequest {
  config: Configuration;
  resource: string;
  scope: string | undefined;
}

/**
 * The authorization request (OAuth 2.1: code, PKCE S256, RFC 8707 `resource`), walked by a person or for one.
 *
 * @throws Unexpected if the walk ends in an error
 */
export async function authorize(
  { config, resource, scope }: AuthorizationRequest,
  loopback: Loopback,
  walk: Walk,
): Promise<Authorization> {
  const checks = { expectedState: randomState(), pkceCodeVerifier: randomPKCECodeVerifier() };
  const url = buildAuthorizationUrl(config, {
    redirect_uri: loopback.redirectUri,
    state: checks.expectedState,
    code_challenge: await calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    resource,
    ...(scope && { scope }),
  });
  const callback = await walk(url, loopback);
  const refused = callback.searchParams.get('error');
  if (refused !== null) {
    const description = callback.searchParams.get('error_description');
    throw new Unexpected(description ? `${refused}: ${description}` : refused);
  }
  return { config, resource, callback, checks };
}

/** Trades the code for tokens; `state` and `iss` (RFC 9207) of the redirect are checked before. */
export function redeem({
  config,
  resource,
  callback,
  checks,
}: Authorization): Promise<TokenEndpointResponse> {
  return authorizationCodeGrant(config, callback, checks, { resource });
}

export function refresh(
  { config, resource }: Authorization,
  refreshToken: string,
): Promise<TokenEndpointResponse> {
  return refreshTokenGrant(config, refreshToken, { resource });
}

/** Gives the tokens back (RFC 7009), where the server takes them. */
export async function giveBack({ config }: Authorization, tokens: TokenEndpointResponse): Promise<void> {
  if (config.serverMetadata().revocation_endpoint === undefined) return;
  // whether it succeeds or not, the command's own work is done, and the tokens expire anyway
  await tokenRevocation(config, tokens.refresh_token ?? tokens.access_token).catch(() => undefined);
}
