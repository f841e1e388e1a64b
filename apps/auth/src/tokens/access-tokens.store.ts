import { SubjectType } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/persistence';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { MoreThanOrEqual } from 'typeorm';
import { findAccount } from '../machines/service-accounts.store.js';
import type { SigningKeys } from '../oidc/keys/signing-keys.js';
import { findPerson } from '../people/people.store.js';
import type { EndedAccess } from './ended-access.store.js';
import { EndedAccessRow } from './tokens.entity.js';

const Claims = z.looseObject({
  sub: z.string(),
  subject_type: SubjectType.default('user'),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
  client_id: z.string(),
  tenant: z.string(),
  name: z.string(),
  gid: z.string(),
  gen: z.number(),
});
type Claims = z.output<typeof Claims>;

/** Members of an answer that are claims of the token (RFC 7662, section 2.2). */
const TOLD = ['iss', 'sub', 'aud', 'client_id', 'scope', 'exp', 'iat', 'jti'] as const;

export interface AccessTokenParts {
  readonly database: Database;
  readonly endedAccess: EndedAccess;
  readonly keys: SigningKeys;
  readonly issuer: string;
}

/** Our own access tokens, which are signed and kept nowhere, as the clients see them that hold them. */
export class AccessTokens {
  constructor(private readonly parts: AccessTokenParts) {}

  /** Introspection (RFC 7662): `active: false` is all that is told of another client's, an ended or a foreign token. */
  async describe(token: string, client: string): Promise<object> {
    const claims = await this.read(token, client);
    if (!claims || !(await this.lives(claims))) return { active: false };
    const told = Object.fromEntries(TOLD.map((claim) => [claim, claims[claim]]));
    return { active: true, token_type: 'Bearer', username: claims.name, ...told };
  }

  /** Revocation (RFC 7009) of this one token, on every edge; its refresh token lives on. */
  async revoke(token: string, client: string): Promise<void> {
    const claims = await this.read(token, client);
    if (!claims) return;
    const { database, endedAccess } = this.parts;
    const ended = { tenant: claims.tenant, kind: 'token', id: claims.jti, before: claims.iat } as const;
    await database.withTenant(claims.tenant, (manager) => endedAccess.record(manager, ended));
    endedAccess.tell(ended);
  }

  /** The claims of a token of this client that is ours and has not expired, or null. */
  private async read(token: string, client: string): Promise<Claims | null> {
    const { keys, issuer } = this.parts;
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: keys.publicKeys() }), {
        issuer,
        typ: 'at+jwt',
        algorithms: ['ES256'],
      });
      const { data } = Claims.safeParse(payload);
      return data?.client_id === client ? data : null;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  /** Judged as the edges judge: by the holder's generation, and by what has ended since. */
  private lives({ tenant, sub: id, subject_type, gid, gen, jti, iat, client_id }: Claims): Promise<boolean> {
    return this.parts.database.withTenant(tenant, async (manager) => {
      const holder = await (subject_type === 'user' ? findPerson : findAccount)(manager, { tenant, id });
      if (!holder || holder.generation > gen) return false;
      const since = { tenant, before: MoreThanOrEqual(iat) };
      return !(await manager.existsBy(EndedAccessRow, [
        { ...since, kind: 'token', id: jti },
        { ...since, kind: 'grant', id: gid },
        { ...since, kind: 'client', id: client_id },
      ]));
    });
  }
}
