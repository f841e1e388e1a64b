import type { Database } from './database.js';

const EVERY_MS = 1_000;
const SILENT_MS = 4_000;

/** When the database last answered, for /readyz, which must not wait for it. */
export class DatabasePulse {
  private answeredAt = performance.now();
  private readonly timer = setInterval(() => void this.beat(), EVERY_MS);

  constructor(private readonly database: Database) {}

  /** Null, or what /readyz says when the database has been silent for 4 s. */
  notReady(now = performance.now()): string | null {
    return now - this.answeredAt < SILENT_MS ? null : 'the database cannot be reached';
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Asks once: done every second. */
  async beat(): Promise<void> {
    if (await this.database.ping()) this.answeredAt = performance.now();
  }
}
