import { createHash } from 'node:crypto';

const KEEP_MS = 60_000;

/** Nonces of the last minute: twice as long as a request is fresh, since its clock may be ahead of ours. */
export class Nonces {
  /** In order of arrival. Hashes, so that a long nonce costs no more than a short one. */
  private readonly seen = new Map<string, number>();

  constructor(private readonly limit = 100_000) {}

  /** True the first time. False for a repetition, and while more are kept than memory is meant for. */
  claim(nonce: string, now = Date.now()): boolean {
    for (const [hash, at] of this.seen) {
      if (now - at <= KEEP_MS) break;
      this.seen.delete(hash);
    }
    const hash = createHash('sha256').update(nonce).digest('base64url');
    if (this.seen.has(hash) || this.seen.size >= this.limit) return false;
    this.seen.set(hash, now);
    return true;
  }
}
