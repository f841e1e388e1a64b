import {
  Failure,
  getSnapshot,
  listSnapshots,
  policyHeartbeat,
  Snapshot,
  snapshotPublished,
} from '@gatehouse/contracts';
import type { Bus } from '@gatehouse/bus';
import type { Logger } from '@gatehouse/runtime';

/** How long decisions may go on without a word from the policy service. */
const STALE_MS = 60_000;

interface Held {
  /** Null until it has been fetched for the first time. */
  snapshot: Snapshot | null;
  /** When it was last known to be the one that holds, in ms since the epoch. */
  currentAt: number;
}

/** Every tenant's policy, pushed by the policy service and kept in memory. */
export class Snapshots {
  private readonly tenants = new Map<string, Held>();
  private readonly fetching = new Map<string, Promise<void>>();
  private heardAt = 0;
  private readonly listeners: Array<() => void> = [];

  constructor(
    private readonly bus: Bus,
    private readonly log: Logger,
  ) {}

  /** Calls back when the policy of some tenant has become another one. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Hears what changes from here on. */
  listen(): void {
    this.bus.subscribe(snapshotPublished, ({ tenant, version }) => this.learn({ [tenant]: version }));
    this.bus.subscribe(policyHeartbeat, ({ versions }) => {
      for (const tenant of this.tenants.keys()) if (!Object.hasOwn(versions, tenant)) this.forget(tenant);
      this.heardAt = Date.now();
      return this.learn(versions);
    });
  }

  /** Asks for the versions that hold now and fetches what is new: at start and after a lost connection. */
  async catchUp(): Promise<void> {
    const { versions } = await this.bus.request(listSnapshots, {});
    await this.learn(versions);
    this.heardAt = Date.now();
  }

  /** Null while decisions can be made, else why not. */
  notReady(): string | null {
    return isStale(this.heardAt) ? 'nothing heard from the policy service for 60 s' : null;
  }

  /**
   * A tenant's snapshot, or undefined if there is no such tenant.
   *
   * @throws Failure `edge.snapshot_stale` when it has not been known for 60 s that this snapshot holds: the policy
   * service was not heard, or a newer one could not be fetched
   */
  of(tenant: string): Snapshot | undefined {
    const held = this.tenants.get(tenant);
    if (isStale(this.heardAt)) throw new Failure('edge.snapshot_stale');
    if (!held) return undefined;
    if (!held.snapshot || isStale(held.currentAt)) throw new Failure('edge.snapshot_stale');
    return held.snapshot;
  }

  private forget(tenant: string): void {
    this.tenants.delete(tenant);
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** One tenant's trouble is not the others': what cannot be fetched is tried again at the next heartbeat. */
  private async learn(versions: Readonly<Record<string, number>>): Promise<void> {
    const updates = Object.entries(versions).map(([tenant, version]) =>
      this.update(tenant, version).catch((error: unknown) =>
        this.log.warn({ err: error, tenant }, 'snapshot not fetched'),
      ),
    );
    await Promise.all(updates);
  }

  /** Any other version is fetched, not only a higher one: after a restored database the count begins lower. */
  private async update(tenant: string, version: number): Promise<void> {
    const held = this.tenants.get(tenant) ?? { snapshot: null, currentAt: 0 };
    this.tenants.set(tenant, held);
    // a fetch that began before may have read the one before
    await this.fetching.get(tenant)?.catch(() => undefined);
    if (held.snapshot?.version === version) held.currentAt = Date.now();
    else await this.fetchOnce(tenant, held);
  }

  private fetchOnce(tenant: string, held: Held): Promise<void> {
    const running =
      this.fetching.get(tenant) ?? this.fetch(tenant, held).finally(() => this.fetching.delete(tenant));
    this.fetching.set(tenant, running);
    return running;
  }

  private async fetch(tenant: string, held: Held): Promise<void> {
    let first = await this.bus.request(getSnapshot, { tenant, part: 0 });
    let json = first.json;
    for (let part = 1; part < first.parts; part++) {
      const next = await this.bus.request(getSnapshot, { tenant, part });
      if (next.version === first.version) json += next.json;
      else {
        part = 0; // published anew while we read: begin again
        first = await this.bus.request(getSnapshot, { tenant, part: 0 });
        json = first.json;
      }
    }
    held.snapshot = Snapshot.parse(JSON.parse(json));
    held.currentAt = Date.now();
    this.changed();
  }
}

function isStale(at: number): boolean {
  return Date.now() - at > STALE_MS;
}
