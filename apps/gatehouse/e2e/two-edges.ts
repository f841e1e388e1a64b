import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
import { createLogger, readConfig, type RunningService, type ServiceDefinition } from '@gatehouse/runtime';
import { startNats, testDatabases, type NatsServer } from '@gatehouse/testing';
import { vault } from '@gatehouse/vault-service';
import { ADMIN } from './shape.js';

/** Auth, a vault and two edges over a real nats-server, each with a connection of its own; policy and audit are played. */
export class TwoEdges {
  private readonly started: RunningService[] = [];
  private readonly servers: Server[] = [];
  private readonly buses: Bus[] = [];
  /** The origin of auth: what users see. */
  url = '';
  /** The origins of the edges. */
  readonly edges: string[] = [];

  private constructor(
    private readonly nats: NatsServer,
    private readonly databases: { urls: Record<'auth' | 'vault', string>; drop: () => Promise<void> },
    private readonly folder: string,
  ) {}

  static async start(): Promise<TwoEdges> {
    const folder = await mkdtemp(join(tmpdir(), 'two-edges-'));
    const all = new TwoEdges(await startNats(), await testDatabases(['auth', 'vault']), folder);
    let authListener: RequestListener = (_request, response) => response.writeHead(503).end();
    all.url = await all.serve((request, response) => authListener(request, response));
    await all.playOthers(await all.serve(upstream));
    await all.run(vault, all.databases.urls.vault);
    authListener = (await all.run(auth, all.databases.urls.auth)).listener ?? authListener;
    for (const name of ['one', 'two']) {
      const { listener } = await all.run(edge, '', { EDGE_JOURNAL: join(folder, name), EDGE_NAME: name });
      all.edges.push(await all.serve(listener ?? authListener));
    }
    return all;
  }

  /** The MCP server's address, as its users know it: tokens are for it, whichever edge they come to. */
  get mcp(): string {
    return `${this.url}/demo/mcp/tools/server`;
  }

  async connect(service: ServiceName): Promise<Bus> {
    const bus = await connectNats({ url: this.nats.url, service });
    this.buses.push(bus);
    return bus;
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
    for (const running of this.started.reverse()) await running.close();
    await Promise.all(this.buses.map((bus) => bus.drain()));
    await this.nats.stop();
    await this.databases.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async run<Schema extends ServiceDefinition['config']>(
    service: ServiceDefinition<Schema>,
    database: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningService> {
    const config = readConfig(service.config, {
      GATEHOUSE_PUBLIC_URL: this.url,
      DATABASE_URL: database,
      GATEHOUSE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
      GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
      GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
      ...environment,
    });
    const log = createLogger(service.name, 'silent');
    const running = await service.start({ config, bus: await this.connect(service.name), log });
    this.started.push(running);
    return running;
  }

  private async serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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

/** An MCP server that answers calls, and keeps GET streams open. */
const upstream: RequestListener = (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return void response.write(': begun\n\n');
  }
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
};
