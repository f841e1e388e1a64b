import { jest } from '@jest/globals';
import { MemoryBroker, seal, type Bus } from '@gatehouse/bus';
import {
  applyManifests,
  type Failure,
  getPolicyKey,
  getSnapshot,
  Snapshot,
  snapshotPublished,
  type ServiceName,
} from '@gatehouse/contracts';
import { createLogger, readConfig } from '@gatehouse/runtime';
import { policy } from '../src/index.js';

/** The first test database of a process starts a Postgres, on a machine that may be busy. */
jest.setTimeout(60_000);

type Settings = Partial<Record<'GATEHOUSE_APPLY' | 'POLICY_CALLS_PER_MINUTE' | 'POLICY_MANIFESTS', string>>;

/** A broker, and the services that ask policy. */
export class Around {
  readonly broker = new MemoryBroker();
  readonly edge = this.connect('edge');
  readonly console = this.connect('console');
  readonly auth = this.connect('auth');
  private readonly published: string[] = [];
  private heardMore: () => void = () => undefined;

  constructor() {
    this.edge.subscribe(snapshotPublished, ({ tenant, version }) => {
      this.published.push(`${tenant} ${version}`);
      this.heardMore();
    });
  }

  /** The first `count` events of published snapshots, as `<tenant> <version>`, once they are there. */
  async hear(count: number): Promise<string[]> {
    while (this.published.length < count) await new Promise<void>((resolve) => (this.heardMore = resolve));
    return [...this.published];
  }

  connect(service: ServiceName): Bus {
    return this.broker.connect(service);
  }

  /** One replica of the policy service. Returns how to end it. */
  async start(url: string, settings: Settings = {}): Promise<() => Promise<void>> {
    const bus = this.connect('policy');
    const config = readConfig(policy.config, { DATABASE_URL: url, ...settings });
    const running = await policy
      .start({ config, bus, log: createLogger('policy', 'silent') })
      .catch(async (error: unknown) => {
        await bus.drain();
        throw error;
      });
    return async () => {
      await bus.drain();
      await running.close();
    };
  }

  async apply(documents: unknown[], { tenant = 'demo', dryRun = false } = {}) {
    const { key } = await this.console.request(getPolicyKey, {});
    const sealed = await seal({ tenant, by: 'admin@example.com', dryRun, documents }, key);
    for (;;) {
      try {
        return (await this.console.request(applyManifests, { sealed })).changes;
      } catch (error) {
        // Each replica has a key of its own, and opens only what is sealed to that: send it on to the next one.
        if ((error as Failure).code !== 'bus.bad_message') throw error;
      }
    }
  }

  /** As an edge reads it. */
  async snapshot(tenant = 'demo'): Promise<Snapshot> {
    const first = await this.edge.request(getSnapshot, { tenant, part: 0 });
    let json = first.json;
    for (let part = 1; part < first.parts; part++) {
      const next = await this.edge.request(getSnapshot, { tenant, part });
      if (next.version !== first.version) return this.snapshot(tenant);
      json += next.json;
    }
    return Snapshot.parse(JSON.parse(json));
  }
}

/** A manifest without faults. */
export function remoteServer(name: string, given: object = {}): Record<string, unknown> {
  return { type: 'mcp-server/remote', name, url: `https://${name}.example.com/mcp`, ...given };
}

export function sharedKey(value: string, header = 'Authorization'): object {
  return { type: 'header', auth_level: 'global', headers: { [header]: value } };
}
