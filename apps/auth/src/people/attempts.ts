import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

const SIGN_IN_WINDOW_SECONDS = 15 * 60;
const MAX_EMAIL_LENGTH = 254;

export interface AttemptLimits {
  readonly perEmail: number;
  readonly perAddress: number;
}

/** Counts tries, so that nobody guesses passwords. Counted in this process. */
export class Attempts {
  private readonly byEmail: RateLimiterMemory;
  private readonly byAddress: RateLimiterMemory;

  constructor(limits: AttemptLimits) {
    const duration = SIGN_IN_WINDOW_SECONDS;
    this.byEmail = new RateLimiterMemory({ points: limits.perEmail, duration });
    this.byAddress = new RateLimiterMemory({ points: limits.perAddress, duration });
  }

  /** Counts a sign-in as failed until {@link signedIn} takes it back. Returns the seconds to wait, 0 if it may go on. */
  async signIn(address: string, email: string): Promise<number> {
    const wait = await consume(this.byAddress, network(address));
    return wait || consume(this.byEmail, pair(address, email));
  }

  async signedIn(address: string, email: string): Promise<void> {
    await this.byEmail.delete(pair(address, email));
    await this.byAddress.reward(network(address));
  }
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
  return `${network(address)} ${email.slice(0, MAX_EMAIL_LENGTH).trim().toLowerCase()}`;
}

/** Whoever has one IPv6 address has a /64 of them. */
export function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const first = head.split(':').filter(Boolean);
  const last = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}
