import type { Database } from '@gatehouse/persistence';
import { networkOf } from '@gatehouse/runtime';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { digest } from '../opaque-secret.js';

const SIGN_IN_WINDOW_SECONDS = 15 * 60;

export interface AttemptLimits {
  readonly perEmail: number;
  readonly perAddress: number;
}

/** Counts tries, so that nobody guesses passwords: by all replicas together; where that fails, by each in its memory. */
export class Attempts {
  private readonly byEmail: RateLimiterAbstract;
  private readonly byAddress: RateLimiterAbstract;

  constructor(database: Database, limits: AttemptLimits) {
    const limiter = (keyPrefix: string, points: number) => {
      const window = { keyPrefix, points, duration: SIGN_IN_WINDOW_SECONDS };
      return sharedLimiter(database, window, new RateLimiterMemory(window));
    };
    this.byEmail = limiter('sign-in e-mail', limits.perEmail);
    this.byAddress = limiter('sign-in address', limits.perAddress);
  }

  /** Counts a sign-in as failed until {@link signedIn} takes it back. Returns the seconds to wait, 0 if it may go on. */
  async signIn(address: string, email: string): Promise<number> {
    const wait = await consume(this.byAddress, networkOf(address));
    return wait || consume(this.byEmail, pair(address, email));
  }

  async signedIn(address: string, email: string): Promise<void> {
    await Promise.all([this.byEmail.delete(pair(address, email)), this.byAddress.reward(networkOf(address))]);
  }
}

interface Window {
  readonly keyPrefix: string;
  readonly points: number;
  /** Seconds. */
  readonly duration: number;
}

/**
 * Counts in the database, so that all replicas count together.
 *
 * @param insurance counts while the database does not; without one, trouble of the database is thrown
 */
export function sharedLimiter(
  database: Database,
  window: Window,
  insurance?: RateLimiterAbstract,
): RateLimiterAbstract {
  const query = ({ text, values }: { text: string; values: unknown[] }) =>
    database.acrossTenants(async (manager) => ({ rows: await manager.query<unknown[]>(text, values) }));
  return new RateLimiterPostgres({
    ...window,
    ...{ storeClient: { query }, storeType: 'client', tableName: 'attempt', tableCreated: true },
    // Whoever goes on all the same costs no more queries.
    inMemoryBlockOnConsumed: window.points + 1,
    ...(insurance && { insuranceLimiter: insurance }),
  });
}

/** Counts one. Returns the seconds to wait, 0 if it may go on. */
export async function consume(limiter: RateLimiterAbstract, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.ceil(refusal.msBeforeNext / 1_000) || 1;
    throw refusal;
  }
}

function pair(address: string, email: string): string {
  return digest(`${networkOf(address)} ${email.trim().toLowerCase()}`);
}
