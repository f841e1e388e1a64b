import { Injectable } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { JWTPayload } from 'jose';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { SecurityEvents } from '../security-events/security-events.store.js';
import type { RegisteredIssuer } from './issuers.store.js';

/** A machine that is refused tries again and again: one event in so many seconds says it all. */
const TOLD_AGAIN_SECONDS = 60;

export interface Refusal {
  readonly issuer: RegisteredIssuer;
  /** Of a token whose signature was good: before that, nobody knows whose it is. */
  readonly claims: JWTPayload;
  /** A clause about the token: `it …`. */
  readonly reason: string;
}

/** Refuses JWTs of registered issuers, so that whoever watches over the tenant hears of it. */
@Injectable()
export class Refusals {
  private readonly told = new RateLimiterMemory({ points: 1, duration: TOLD_AGAIN_SECONDS });

  constructor(
    private readonly database: Database,
    private readonly events: SecurityEvents,
  ) {}

  /** @throws Failure `auth.unknown_token` with the reason */
  async refuse({ issuer, claims, reason }: Refusal): Promise<never> {
    const { tenant, registration } = issuer;
    const { name } = registration;
    const sub = String(claims.sub).slice(0, 500);
    const first = await this.told.consume(`${issuer.id} ${reason} ${sub}`).catch(() => null);
    const detail = { issuer: name, sub, reason };
    if (first)
      await this.database.withTenant(tenant, (manager) =>
        this.events.record(manager, { tenant, kind: 'jwt.refused', detail }),
      );
    throw new Failure('auth.unknown_token', `The token of ${name} was refused: ${reason}.`);
  }
}
