import { decodeProtectedHeader, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { SignInRefused } from '../sign-in-refused.js';
import type { Claims } from './profile.js';

/** Signatures that nobody can make with a key that is public, or is ours too. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** By which a token would say itself where its key is. */
const KEY_HEADERS = ['jku', 'x5u', 'jwk'];
const CLOCK_TOLERANCE_SECONDS = 30;
/** It was asked for a moment ago. */
const MAX_AGE_SECONDS = 600;

/**
 * Verifies an ID token (OpenID Connect Core, section 3.1.3.7). openid-client has compared its claims by now, but leaves
 * the signature to TLS.
 *
 * @throws SignInRefused `untrusted`, or an error of the fetch of the keys
 */
export async function verifyIdToken(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { readonly issuer: string; readonly audience: string; readonly nonce: string },
): Promise<Claims> {
  const header = decodeProtectedHeader(token);
  const told = KEY_HEADERS.find((name) => name in header);
  if (told !== undefined) throw new SignInRefused('untrusted', `ID token: the header has ${told}`);
  const { payload } = await jwtVerify(token, keys, {
    issuer: expected.issuer,
    audience: expected.audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    maxTokenAge: MAX_AGE_SECONDS,
    requiredClaims: ['sub', 'exp', 'iat'],
  });
  if (payload['nonce'] !== expected.nonce) throw new SignInRefused('untrusted', 'ID token: wrong nonce');
  return payload;
}
