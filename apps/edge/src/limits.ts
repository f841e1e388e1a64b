import type { Snapshot } from '@gatehouse/contracts';
import type { Redis } from 'iovalkey';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '@gatehouse/caller';
import { Refusal } from './refusal.js';
import { inTime } from './valkey.js';

/** Longest window, in seconds, that a timer of Node's holds: with a longer one it would fire at once. */
const LONGEST_WINDOW = 2_147_483;

interface Limiter {
  readonly own: RateLimiterMemory;
  readonly shared: RateLimiterRedis | null;
}

/** Counts calls against the limits of the caller's tenant: together with other edges, where they share counters. */
export class Limits {
  private readonly limiters = new Map<string, Limiter>();

  constructor(private readonly counters: Redis | null = null) {}

  /** @throws Refusal 429 with Retry-After, when a limit is exceeded */
  async take(snapshot: Snapshot, caller: Caller): Promise<void> {
    for (const limit of snapshot.limits) {
      const key = `${snapshot.tenant} ${caller.subject.type} ${caller.subject.id}`;
      try {
        await count(this.limiter(limit.calls, limit.windowSeconds), `${limit.id} ${key}`);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
        throw Refusal.of('limit.exceeded', {
          status: 'limited',
          headers: { 'retry-after': String(seconds) },
        });
      }
    }
  }

  close(): void {
    this.counters?.disconnect();
  }

  private limiter(points: number, seconds: number): Limiter {
    const name = `${points}/${seconds}`;
    let limiter = this.limiters.get(name);
    if (!limiter) this.limiters.set(name, (limiter = this.create(points, Math.min(seconds, LONGEST_WINDOW))));
    return limiter;
  }

  private create(points: number, duration: number): Limiter {
    const window = { points, duration, keyPrefix: `gatehouse limit ${points}/${duration}` };
    // not RateLimiterValkey: its script needs Valkey 8, this one runs on every Valkey and Redis
    const shared =
      this.counters &&
      new RateLimiterRedis({ ...window, storeClient: this.counters, rejectIfRedisNotReady: true });
    return { own: new RateLimiterMemory(window), shared };
  }
}

/**
 * Counts a call in both places, not in memory only when the shared counters fail: their failing must not hand every
 * caller a fresh allowance.
 *
 * @throws RateLimiterRes when the limit is exceeded
 */
async function count({ own, shared }: Limiter, key: string): Promise<void> {
  const alone = own.consume(key);
  if (!shared) return void (await alone);
  alone.catch(() => undefined); // matters only if the shared counters do not answer
  try {
    await inTime(shared.consume(key));
  } catch (error) {
    if (error instanceof RateLimiterRes) throw error;
    await alone;
  }
}
