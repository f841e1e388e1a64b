import type { Bus, TransportKey } from '@gatehouse/bus';
import { Callers } from '@gatehouse/caller';
import type { Logger } from '@gatehouse/runtime';
import { Leases } from './leases.js';
import { Snapshots } from './snapshots.js';

const AGAIN_MS = 1_000;

/**
 * What other services push to the edge, so that a warm call waits for none of them: policy, ended access, changed
 * credentials. Events can be missed while the bus is away, so everything is asked for again when it is back.
 */
export class Pushed {
  readonly callers: Callers;
  readonly leases: Leases;
  readonly snapshots: Snapshots;

  constructor(bus: Bus, { log, issuer, key }: { log: Logger; issuer: string; key: TransportKey }) {
    this.callers = new Callers(bus, issuer);
    this.leases = new Leases(bus, key);
    this.snapshots = new Snapshots(bus, log);
    this.snapshots.listen();
    bus.onReconnect(() => {
      this.leases.clear();
      this.snapshotsAgain(log);
    });
  }

  async catchUp(): Promise<void> {
    await Promise.all([this.snapshots.catchUp(), this.callers.catchUp()]);
  }

  /** A bus that is back may be there before the policy service is. */
  private snapshotsAgain(log: Logger): void {
    this.snapshots.catchUp().catch((error: unknown) => {
      log.warn({ err: error }, 'policy not caught up yet after the bus was away');
      setTimeout(() => this.snapshotsAgain(log), AGAIN_MS).unref();
    });
  }
}
