import type { Bus } from '@gatehouse/bus';
import { policyHeartbeat } from '@gatehouse/contracts';
import type { Logger } from '@gatehouse/runtime';
import type { Versions } from './versions.js';

const EVERY_MS = 5_000;

/** Tells the edges every 5 s which versions hold: see {@link Versions} for what it says while the database is down. */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    private readonly versions: Versions,
    private readonly log: Logger,
  ) {}

  /** Sends the first one now. */
  async start(): Promise<void> {
    const next = Date.now() + EVERY_MS;
    await this.beat();
    if (!this.stopped) this.timer = setTimeout(() => void this.start(), Math.max(0, next - Date.now()));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async beat(): Promise<void> {
    try {
      const versions = await this.versions.inForce();
      if (!this.stopped) this.bus.publish(policyHeartbeat, { versions });
    } catch (error) {
      this.log.error({ err: error }, 'no heartbeat: edges stop deciding 60 s after the last one');
    }
  }
}
