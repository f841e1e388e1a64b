import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Log } from '../log.js';
import type { OidcState } from './oidc-state.store.js';

/** Tells of whoever comes to the token endpoint with a code or a refresh token of another client. */
export function noteMisusedTokens(provider: Provider, state: OidcState, log: Log): void {
  provider.on('grant.error', ({ oidc }: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    if (error.error_detail !== 'client mismatch' || !oidc.client) return;
    const { code, refresh_token } = oidc.params ?? {};
    const [model, value] = refresh_token ? ['RefreshToken', refresh_token] : ['AuthorizationCode', code];
    state.noteMisuse(String(model), String(value), oidc.client.clientId).catch((failed: unknown) => {
      log.warn({ err: failed }, 'a misused token was not noted');
    });
  });
}
