import { Injectable } from '@nestjs/common';
import { Failure, type IssuerUse } from '@gatehouse/contracts';
import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyResult } from 'jose';
import { IssuerKeys } from './issuer-keys.js';
import type { RegisteredIssuer } from './issuers.store.js';
import { Refusals } from './refusals.js';

const MAX_LENGTH = 16_384;
const CLOCK_TOLERANCE_SECONDS = 30;
const HOUR = 3_600;
/** The longest life of a JWT that is believed, in seconds: it cannot be revoked one by one. */
const LONGEST_LIFE: Readonly<Record<IssuerUse, number>> = {
  bearer: 24 * HOUR,
  exchange: 24 * HOUR,
  id_jag: HOUR,
};
const ID_JAG = 'oauth-id-jag+jwt';
/** Kinds of JWT that say who somebody is (RFC 8725, section 3.11): no logout tokens, no proofs, no events. */
const TYPES: Readonly<Record<IssuerUse, ReadonlySet<string | undefined>>> = {
  bearer: new Set([undefined, 'jwt', 'at+jwt']),
  exchange: new Set([undefined, 'jwt', 'at+jwt']),
  id_jag: new Set([ID_JAG]),
};
/** Headers by which a token would bring its own key. */
const BROUGHT_KEYS = ['jku', 'x5u', 'jwk'];

/** The claim `iss` of a JWT that nobody has verified. @throws Failure `auth.unknown_token` if it is none */
export function issuerOf(jwt: string): string {
  try {
    if (jwt.length <= MAX_LENGTH) return decodeJwt(jwt).iss ?? '';
  } catch {
    // said below
  }
  throw new Failure('auth.unknown_token');
}

/** What a JWT is presented for. */
export interface JwtUse {
  readonly use: IssuerUse;
  /** Whom it must be for; unset: one of those that are registered with its issuer. */
  readonly audience?: string;
}

/** Verifies JWTs of registered issuers (RFC 7519, 8725). */
@Injectable()
export class JwtVerifier {
  constructor(
    private readonly keys: IssuerKeys,
    private readonly refusals: Refusals,
  ) {}

  /** @throws Failure `auth.unknown_token`, `auth.issuer_unreachable` */
  async claimsOf(jwt: string, asked: JwtUse & { readonly issuer: RegisteredIssuer }): Promise<JWTPayload> {
    const { issuer, use, audience } = asked;
    const { registration } = issuer;
    try {
      const verified = await jwtVerify(jwt, this.keys.of(issuer), {
        issuer: registration.issuer,
        audience: audience ?? registration.audiences,
        algorithms: registration.algorithms,
        requiredClaims: ['exp', 'aud', 'sub', ...(use === 'id_jag' ? ['iat', 'jti'] : [])],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      const reason = faultOf(verified, use);
      if (reason !== null) await this.refusals.refuse({ issuer, claims: verified.payload, reason });
      return verified.payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new Failure('auth.unknown_token', 'The token has expired.');
      if (error instanceof errors.JWTClaimValidationFailed)
        return this.refusals.refuse({ issuer, claims: error.payload, reason: error.message });
      throw error instanceof errors.JOSEError ? new Failure('auth.unknown_token') : error;
    }
  }
}

/** What RFC 7519 leaves to each application. */
function faultOf({ protectedHeader, payload }: JWTVerifyResult, use: IssuerUse): string | null {
  const now = Date.now() / 1_000;
  const { iat = now, exp = Infinity, aud } = payload;
  if (!TYPES[use].has(protectedHeader.typ?.toLowerCase())) return 'it is of another kind (typ)';
  if (BROUGHT_KEYS.some((header) => header in protectedHeader)) return 'it brings its own key';
  if (iat > now + CLOCK_TOLERANCE_SECONDS) return 'it is from the future (iat)';
  if (exp - iat > LONGEST_LIFE[use]) return `it lives longer than ${LONGEST_LIFE[use] / HOUR} h`;
  // An assertion for several readers could be used by each of them at the others.
  return use === 'id_jag' && Array.isArray(aud) && aud.length > 1 ? 'it has several audiences' : null;
}
