import type { Database } from '@gatehouse/persistence';
import { networkOf } from '@gatehouse/runtime';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { tellOutage } from '../oidc/outage.js';
import { consume, sharedLimiter } from '../people/attempts.js';

const HOUR_SECONDS = 3_600;

/**
 * How many new clients one address may bring in an hour: those that it registers, and documents that nobody asked for
 * before. Counted in the database, so that all replicas count together.
 */
export class RegistrationLimit {
  private readonly limiter: RateLimiterAbstract;

  constructor(database: Database, perHour: number) {
    this.limiter = sharedLimiter(database, {
      keyPrefix: 'new client',
      points: perHour,
      duration: HOUR_SECONDS,
    });
  }

  /** Counts one. Returns the seconds to wait, 0 if it may go on. */
  count(address: string): Promise<number> {
    return tellOutage(() => consume(this.limiter, networkOf(address)));
  }
}
