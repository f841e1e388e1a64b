import type { Snapshot } from '@gatehouse/contracts';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from './caller/caller.js';
import { Refusal } from './refusal.js';

/** Longest window, in seconds, that a timer of Node's holds: with a longer one it would fire at once. */
const LONGEST_WINDOW = 2_147_483;

/** Counts calls against the limits of the caller's tenant. */
export class Limits {
  private readonly limiters = new Map<string, RateLimiterMemory>();

  /** @throws Refusal 429 with Retry-After, when a limit is exceeded */
  async take(snapshot: Snapshot, caller: Caller): Promise<void> {
    for (const limit of snapshot.limits) {
      const key = `${snapshot.tenant} ${caller.subject.type} ${caller.subject.id}`;
      try {
        await this.limiter(limit.calls, limit.windowSeconds).consume(`${limit.id} ${key}`);
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

  private limiter(points: number, duration: number): RateLimiterMemory {
    const name = `${points}/${duration}`;
    let limiter = this.limiters.get(name);
    if (!limiter)
      this.limiters.set(
        name,
        (limiter = new RateLimiterMemory({ points, duration: Math.min(duration, LONGEST_WINDOW) })),
      );
    return limiter;
  }
}
