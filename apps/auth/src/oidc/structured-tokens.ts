import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { AccessTokens } from '../tokens/access-tokens.store.js';
import { tellOutage } from './outage.js';

type Context = Pick<KoaContextWithOIDC, 'body' | 'status'> & Partial<Pick<KoaContextWithOIDC, 'oidc'>>;

/**
 * Answers introspection and revocation of signed access tokens. The engine authenticates the client, and then takes
 * only tokens that it has stored: what it refuses for that reason alone is answered here.
 */
export async function answerForAccessTokens(ctx: Context, tokens: AccessTokens): Promise<void> {
  const { client, params, route } = ctx.oidc ?? {};
  const token = params?.['token'];
  const refused = (ctx.body as { error?: unknown } | undefined)?.error === 'unsupported_token_type';
  if (!refused || !client || typeof token !== 'string') return;
  try {
    ctx.status = 200;
    if (route === 'revocation') {
      await tellOutage(() => tokens.revoke(token, client.clientId));
      ctx.body = '';
    } else {
      const confidential = client.clientAuthMethod !== 'none';
      ctx.body = confidential
        ? await tellOutage(() => tokens.describe(token, client.clientId))
        : { active: false };
    }
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    ctx.status = error.statusCode;
    ctx.body = { error: error.error, error_description: error.error_description };
  }
}
