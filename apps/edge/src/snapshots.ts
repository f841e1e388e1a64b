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

/** Every tenant's policy, pushed by the policy service and kept in memory. */
export class Snapshots {
  private readonly snapshots = new Map<string, Snapshot>();
  private readonly fetching = new Map<string, Promise<void>>();
  private heardAt = 0;

  constructor(
    private readonly bus: Bus,
    private readonly log: Logger,
  ) {}

  /** Hears what changes from here on. */
  listen(): void {
    this.bus.subscribe(snapshotPublished, ({ tenant, version }) => this.learn({ [tenant]: version }));
    this.bus.subscribe(policyHeartbeat, ({ versions }) => {
      for (const tenant of this.snapshots.keys())
        if (!Object.hasOwn(versions, tenant)) this.snapshots.delete(tenant);
      this.heardAt = Date.now();
      this.learn(versions);
    });
  }

  /** Asks for the versions that hold now and fetches what is new: at start and after a lost connection. */
  async catchUp(): Promise<void> {
    const { versions } = await this.bus.request(listSnapshots, {});
    await Promise.all(Object.entries(versions).map(([tenant, version]) => this.update(tenant, version)));
    this.heardAt = Date.now();
  }

  /** Null while decisions can be made, else why not. */
  notReady(): string | null {
    return Date.now() - this.heardAt > STALE_MS ? 'nothing heard from the policy service for 60 s' : null;
  }

  /**
   * A tenant's snapshot, or undefined if there is no such tenant.
   *
   * @throws Failure `edge.snapshot_stale` when the policy service has not been heard for 60 s
   */
  of(tenant: string): Snapshot | undefined {
    if (Date.now() - this.heardAt > STALE_MS) throw new Failure('edge.snapshot_stale');
    return this.snapshots.get(tenant);
  }

  private learn(versions: Readonly<Record<string, number>>): void {
    for (const [tenant, version] of Object.entries(versions))
      this.update(tenant, version).catch((error: unknown) =>
        this.log.warn({ err: error, tenant }, 'snapshot not fetched'),
      );
  }

  private async update(tenant: string, version: number): Promise<void> {
    while ((this.snapshots.get(tenant)?.version ?? -1) < version) {
      const running = this.fetching.get(tenant) ?? this.fetch(tenant);
      this.fetching.set(tenant, running);
      await running.finally(() => this.fetching.delete(tenant));
    }
  }

  private async fetch(tenant: string): Promise<void> {
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
    this.snapshots.set(tenant, Snapshot.parse(JSON.parse(json)));
  }
}
