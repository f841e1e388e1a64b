import { isOpaque } from '@gatehouse/caller';
import { networkOf } from '@gatehouse/runtime';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const WINDOW_SECONDS = 15 * 60;
/** Far more than an office has machines whose keys were all revoked. */
const GUESSES = 1_000;

/**
 * Counts refused opaque tokens by address: they cannot be guessed, and whoever tries is told to wait. JWTs are not
 * counted, since a client whose token has expired must hear just that. What is good is never refused: others may share
 * the address.
 */
export class Guesses {
  private readonly limiter = new RateLimiterMemory({ points: GUESSES, duration: WINDOW_SECONDS });

  /** Counts a token that was refused. Returns the seconds to wait, 0 if it was none too many. */
  async refused(token: string, address: string): Promise<number> {
    if (!isOpaque(token)) return 0;
    try {
      await this.limiter.consume(networkOf(address));
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.ceil(refusal.msBeforeNext / 1_000) || 1;
      throw refusal;
    }
  }
}
