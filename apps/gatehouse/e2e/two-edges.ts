import { mkdtemp } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auth } from '@gatehouse/auth-service';
import { connectNats, type Bus } from '@gatehouse/bus';
import {
  appendRecords,
  checkAccess,
  getSnapshot,
  listSnapshots,
  type ServiceName,
} from '@gatehouse/contracts';
import { edge } from '@gatehouse/edge-service';
import { startNats, testDatabases, type NatsServer } from '@gatehouse/testing';
import { vault } from '@gatehouse/vault-service';
import { Assembly, mcpServer, unavailable } from './assembly.js';

/** Auth, a vault and two edges over a real nats-server, each with a connection of its own; policy and audit are played. */
export class TwoEdges extends Assembly {
  private readonly buses: Bus[] = [];
  /** The origins of the edges. */
  readonly edges: string[] = [];

  private constructor(
    private readonly nats: NatsServer,
    databases: { drop: () => Promise<void> },
    folder: string,
  ) {
    super(databases, folder);
  }

  static async start(): Promise<TwoEdges> {
    const databases = await testDatabases(['auth', 'vault']);
    const all = new TwoEdges(await startNats(), databases, await mkdtemp(join(tmpdir(), 'two-edges-')));
    let authListener: RequestListener = unavailable;
    all.url = await all.serve((request, response) => authListener(request, response));
    await all.playOthers(await all.serve(mcpServer));
    await all.run(vault, { DATABASE_URL: databases.urls.vault });
    authListener = (await all.run(auth, { DATABASE_URL: databases.urls.auth })).listener ?? unavailable;
    for (const name of ['one', 'two']) {
      const { listener } = await all.run(edge, { EDGE_JOURNAL: join(all.folder, name), EDGE_NAME: name });
      all.edges.push(await all.serve(listener ?? unavailable));
    }
    return all;
  }

  async connect(service: ServiceName): Promise<Bus> {
    const bus = await connectNats({ url: this.nats.url, service });
    this.buses.push(bus);
    return bus;
  }

  override async stop(): Promise<void> {
    await super.stop();
    await Promise.all(this.buses.map((bus) => bus.drain()));
    await this.nats.stop();
  }

  /** One server, for the team `dev`. */
  private async playOthers(upstreamUrl: string): Promise<void> {
    const [policy, audit] = [await this.connect('policy'), await this.connect('audit')];
    const tools = {
      ...{ name: 'tools', url: `${upstreamUrl}/mcp`, credential: 'none', headers: {}, disabledTools: [] },
      ...{ enabledTools: null, grants: { 'team:dev': { rule: 'dev', tools: '*' } } },
    };
    const json = JSON.stringify({ tenant: 'demo', version: 1, servers: { tools }, limits: [] });
    policy.handle(listSnapshots, () => ({ versions: { demo: 1 } }));
    policy.handle(getSnapshot, () => ({ version: 1, parts: 1, json }));
    policy.handle(checkAccess, () => ({ allowed: true, description: '' }));
    audit.handle(appendRecords, ({ records }) => ({ accepted: records.length, repeated: 0 }));
    await Promise.all([policy.flush(), audit.flush()]);
  }
}
