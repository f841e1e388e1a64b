import { createHash } from 'node:crypto';
import type { Bus } from '@gatehouse/bus';
import { Failure, introspectToken, TOKEN_PREFIX } from '@gatehouse/contracts';
import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { refused } from '../refused.js';

/** What a caller's token must be good for. */
export interface TokenUse {
  readonly tenant: string;
  /** The audience which an access token must have. */
  readonly resource: string;
}

/** Verifies callers' own tokens, so that the vault need not believe the edge. */
export class CallerTokens {
  constructor(
    private readonly bus: Bus,
    private readonly issuer: string,
    private readonly signingKeys: JWTVerifyGetKey,
  ) {}

  /** @throws Failure `vault.request_refused`; a 503 failure if the auth service cannot be asked */
  async requireGood(token: string, use: TokenUse): Promise<void> {
    const opaque = token.startsWith(TOKEN_PREFIX.personalAccessToken);
    const tenant = opaque ? await this.tenantOfOpaque(token) : await this.tenantOfJwt(token, use.resource);
    if (tenant !== use.tenant) throw refused('the token is of another tenant');
  }

  /** RFC 9068, section 4. */
  private async tenantOfJwt(token: string, audience: string): Promise<unknown> {
    const options = {
      issuer: this.issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['exp'],
      clockTolerance: 5,
    };
    try {
      return (await jwtVerify(token, this.signingKeys, options)).payload['tenant'];
    } catch (error) {
      throw error instanceof errors.JOSEError ? refused(`${error.code}: ${error.message}`) : error;
    }
  }

  private async tenantOfOpaque(token: string): Promise<string> {
    const hash = createHash('sha256').update(token).digest('base64url');
    try {
      return (await this.bus.request(introspectToken, { hash })).tenant;
    } catch (error) {
      const unknown = error instanceof Failure && error.code === 'auth.unknown_token';
      throw unknown ? refused('the auth service does not know the token') : error;
    }
  }
}
