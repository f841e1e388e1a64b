import { Name, SubjectType } from '@gatehouse/contracts';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import type { Caller } from './caller.js';
import type { SigningKeys } from './signing-keys.js';

const Claims = z.object({
  sub: z.string().min(1),
  subject_type: SubjectType.default('user'),
  name: z.string().min(1),
  tenant: Name,
  teams: z.array(z.string()).default([]),
  admin: z.boolean().default(false),
  scope: z.string().default(''),
  client_id: z.string(),
  client_name: z.string().default(''),
  jti: z.string().min(1),
  gid: z.string().default(''),
  gen: z.number().default(0),
  iat: z.number(),
  exp: z.number(),
});

/** No token lives longer, in seconds (auth refuses to be configured otherwise): what ended before that can be forgotten. */
export const LONGEST_TOKEN_LIFE = 3_600;

/** Verifies access tokens of our own authorization server (RFC 9068, section 4). */
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly issuer: string,
  ) {}

  /**
   * @param audience the resource that is called
   * @throws JOSEError or ZodError for a bad token; a 503 failure if the keys cannot be had
   */
  async verify(token: string, audience: string): Promise<Caller> {
    const { payload } = await jwtVerify(token, (header, jws) => this.keys.find(header, jws), {
      issuer: this.issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      clockTolerance: 5,
      maxTokenAge: LONGEST_TOKEN_LIFE,
    });
    return toCaller(Claims.parse(payload));
  }
}

function toCaller(claims: z.output<typeof Claims>): Caller {
  return {
    tenant: claims.tenant,
    subject: { type: claims.subject_type, id: claims.sub, name: claims.name },
    teams: claims.teams,
    admin: claims.admin,
    tokenId: claims.jti,
    grant: claims.gid,
    client: { id: claims.client_id, name: claims.client_name },
    scopes: new Set(claims.scope.split(' ')),
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    generation: claims.gen,
  };
}
