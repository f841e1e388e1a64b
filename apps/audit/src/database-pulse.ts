import type { Database } from '@gatehouse/persistence';

const EVERY_MS = 2_000;

/** Whether the database answered a moment ago, for /readyz, which must not wait for it. */
export class DatabasePulse {
  private reachable = true;
  private readonly timer = setInterval(() => void this.beat(), EVERY_MS);

  constructor(private readonly database: Database) {}

  notReady(): string | null {
    return this.reachable ? null : 'the database cannot be reached';
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async beat(): Promise<void> {
    this.reachable = await this.database.ping();
  }
}
