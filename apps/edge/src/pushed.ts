import type { Bus, TransportKey } from '@gatehouse/bus';
import type { Logger } from '@gatehouse/runtime';
import { AccessTokens } from './caller/access-token.js';
import { Callers } from './caller/callers.js';
import { EndedAccess } from './caller/ended-access.js';
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
  private readonly ended: EndedAccess;

  constructor(bus: Bus, { log, issuer, key }: { log: Logger; issuer: string; key: TransportKey }) {
    this.ended = new EndedAccess(bus);
    this.callers = new Callers(bus, new AccessTokens(bus, issuer), this.ended);
    this.leases = new Leases(bus, key);
    this.snapshots = new Snapshots(bus, log);
    this.snapshots.listen();
    this.ended.listen((item) => this.callers.drop(item));
    bus.onReconnect(() => {
      this.leases.clear();
      this.catchUpAgain(log);
    });
  }

  async catchUp(): Promise<void> {
    await Promise.all([
      this.snapshots.catchUp(),
      // verdicts from before do not know what ended meanwhile
      this.ended.catchUp().then(() => this.callers.forget()),
    ]);
  }

  /** A bus that is back may be there before the other services are. */
  private catchUpAgain(log: Logger): void {
    this.catchUp().catch((error: unknown) => {
      log.warn({ err: error }, 'not caught up yet after the bus was away');
      setTimeout(() => this.catchUpAgain(log), AGAIN_MS).unref();
    });
  }
}
