import { Injectable } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { JWTPayload } from 'jose';
import type { Holder } from '../oidc/account.js';
import { digest } from '../opaque-secret.js';
import { findHolder } from './holder.store.js';
import { Issuers, type RegisteredIssuer } from './issuers.store.js';
import { issuerOf, JwtVerifier, type JwtUse } from './jwt-verifier.js';
import { Refusals } from './refusals.js';
import { subjectOf } from './subject-of-claims.js';

/** A JWT that holds, and whose it is. */
export interface Vouched {
  readonly issuer: RegisteredIssuer;
  readonly claims: JWTPayload;
  readonly holder: Holder;
  /** By whose end all ends that is issued on its word: the issuer's registration. */
  readonly grant: string;
  /** The token's id, never its value. */
  readonly token: string;
  readonly expires: Date;
}

/** JWTs that somebody else has signed: which are believed, and for whom they speak. */
@Injectable()
export class IssuedTokens {
  constructor(
    private readonly issuers: Issuers,
    private readonly jwts: JwtVerifier,
    private readonly database: Database,
    private readonly refusals: Refusals,
  ) {}

  /**
   * @throws Failure `auth.unknown_token`, which says more only where the signature was good; `auth.issuer_unreachable`
   * or another 503 where it may be good
   */
  async verify(jwt: string, asked: JwtUse & { readonly tenant: string }): Promise<Vouched> {
    const issuer = await this.issuers.find(asked.tenant, issuerOf(jwt));
    if (!issuer?.registration.uses.includes(asked.use)) throw new Failure('auth.unknown_token');
    const claims = await this.jwts.claimsOf(jwt, { ...asked, issuer });
    const holder = await this.holderOf(issuer, claims);
    const id = typeof claims.jti === 'string' && claims.jti.length <= 200 ? claims.jti : digest(jwt);
    const expires = new Date((claims.exp ?? 0) * 1_000);
    return { issuer, claims, holder, grant: issuer.id, token: `${issuer.registration.name}/${id}`, expires };
  }

  private async holderOf(issuer: RegisteredIssuer, claims: JWTPayload): Promise<Holder> {
    const subject = subjectOf(claims, issuer.registration);
    const holder = await this.database.withTenant(issuer.tenant, (manager) =>
      findHolder(manager, issuer, subject),
    );
    const reason = subject.kind === 'nobody' ? subject.reason : 'it speaks for nobody who may act here';
    return holder ?? this.refusals.refuse({ issuer, claims, reason });
  }
}
