import { Injectable } from '@nestjs/common';
import { Failure, Name } from '@gatehouse/contracts';
import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { Addresses } from '../addresses.js';
import { unauthenticated } from './bearer-token.js';
import type { Caller } from './caller.js';
import { API_SCOPE } from './challenge.js';
import { ACCESS_TOKEN_MAX_AGE, EndedAccess } from './ended-access.js';
import { SigningKeys } from './signing-keys.js';

const Claims = z.object({
  sub: z.string().min(1),
  name: z.string().min(1),
  tenant: Name,
  teams: z.array(z.string()),
  admin: z.boolean(),
  scope: z.string().default(''),
  iat: z.number(),
  jti: z.string().min(1),
  gid: z.string().optional(),
  client_id: z.string().optional(),
});
type Claims = z.output<typeof Claims>;

/** Access tokens of our authorization server for this API: JWTs by RFC 9068. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly endedAccess: EndedAccess,
    private readonly addresses: Addresses,
  ) {}

  /** @throws Failure `caller.unauthenticated`, `caller.insufficient_scope`, or the bus's own */
  async verify(token: string): Promise<Caller> {
    const claims = await this.claimsOf(token);
    const { tenant, iat, sub, gid, client_id: client, jti } = claims;
    if (await this.endedAccess.has({ tenant, iat, ids: { subject: sub, grant: gid, client, token: jti } }))
      throw unauthenticated();
    if (!claims.scope.split(' ').includes(API_SCOPE)) throw new Failure('caller.insufficient_scope');
    return {
      tenant,
      subject: { type: 'user', id: sub, name: claims.name },
      teams: claims.teams,
      admin: claims.admin,
    };
  }

  private async claimsOf(token: string): Promise<Claims> {
    try {
      const { payload } = await jwtVerify(token, (header, jws) => this.keys.find(header, jws), {
        algorithms: ['ES256'],
        typ: 'at+jwt',
        issuer: this.addresses.origin,
        audience: this.addresses.resource,
        requiredClaims: ['exp'],
        maxTokenAge: ACCESS_TOKEN_MAX_AGE,
      });
      return Claims.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw unauthenticated();
      throw error;
    }
  }
}
