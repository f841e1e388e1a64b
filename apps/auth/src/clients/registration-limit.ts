import type { Database } from '@gatehouse/persistence';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { tellOutage } from '../oidc/outage.js';
import { consume, network } from '../people/attempts.js';

const HOUR_SECONDS = 3_600;

/**
 * How many new clients one address may bring in an hour: those that it registers, and documents that nobody asked for
 * before. Counted in the database, so that all replicas count together.
 */
export class RegistrationLimit {
  private readonly limiter: RateLimiterPostgres;

  constructor(database: Database, perHour: number) {
    const query = ({ text, values }: { text: string; values: unknown[] }) =>
      database.acrossTenants(async (manager) => ({ rows: await manager.query<unknown[]>(text, values) }));
    this.limiter = new RateLimiterPostgres({
      storeClient: { query },
      storeType: 'client',
      tableName: 'attempt',
      tableCreated: true,
      keyPrefix: 'new client',
      points: perHour,
      duration: HOUR_SECONDS,
      inMemoryBlockOnConsumed: perHour + 1,
    });
  }

  /** Counts one. Returns the seconds to wait, 0 if it may go on. */
  count(address: string): Promise<number> {
    return tellOutage(() => consume(this.limiter, network(address)));
  }
}
