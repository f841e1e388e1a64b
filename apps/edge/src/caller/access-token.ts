import { Failure, listKeys } from '@gatehouse/contracts';
import type { Bus } from '@gatehouse/bus';
import { createLocalJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Caller } from './caller.js';

const Claims = z.object({
  sub: z.string(),
  client_id: z.string(),
  client_name: z.string().default(''),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
  scope: z.string().default(''),
  tenant: z.string(),
  name: z.string(),
  teams: z.array(z.string()).default([]),
  gid: z.string().default(''),
});

/** No token lives longer, in seconds (auth refuses to be configured otherwise): what ended before that can be forgotten. */
export const LONGEST_TOKEN_LIFE = 3_600;
/** How long to wait before an unknown `kid` may make us ask for the keys again. */
const KEYS_AGAIN_MS = 30_000;

/** Verifies access tokens of our own authorization server (RFC 9068), with its keys kept here. */
export class AccessTokens {
  private keys: JWTVerifyGetKey | null = null;
  private fetching: Promise<JWTVerifyGetKey> | null = null;
  private fetchedAt = 0;

  constructor(
    private readonly bus: Bus,
    private readonly issuer: string,
  ) {}

  /**
   * @param audience the URL of the server that is called
   * @throws Failure `caller.unauthenticated` for a bad token; a 503 failure if the keys cannot be had
   */
  async verify(token: string, audience: string): Promise<Caller> {
    const keys = this.keys ?? (await this.fetchKeys());
    const options = {
      issuer: this.issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      clockTolerance: 5,
      maxTokenAge: LONGEST_TOKEN_LIFE,
    };
    try {
      return toCaller((await jwtVerify(token, keys, options)).payload);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || Date.now() - this.fetchedAt < KEYS_AGAIN_MS)
        throw refuse(error);
    }
    const newer = await this.fetchKeys();
    return toCaller(
      (await jwtVerify(token, newer, options).catch((error: unknown) => Promise.reject(refuse(error))))
        .payload,
    );
  }

  private fetchKeys(): Promise<JWTVerifyGetKey> {
    this.fetching ??= this.bus
      .request(listKeys, {})
      .then(({ keys }) => {
        this.fetchedAt = Date.now();
        this.keys = createLocalJWKSet({ keys });
        return this.keys;
      })
      .finally(() => (this.fetching = null));
    return this.fetching;
  }
}

function refuse(error: unknown): unknown {
  return error instanceof errors.JOSEError ? new Failure('caller.unauthenticated') : error;
}

function toCaller(payload: unknown): Caller {
  const parsed = Claims.safeParse(payload);
  if (!parsed.success) throw new Failure('caller.unauthenticated');
  const claims = parsed.data;
  return {
    tenant: claims.tenant,
    subject: { type: 'user', id: claims.sub, name: claims.name },
    teams: claims.teams,
    tokenId: claims.jti,
    grant: claims.gid,
    client: { id: claims.client_id, name: claims.client_name },
    scopes: new Set(claims.scope.split(' ')),
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  };
}
