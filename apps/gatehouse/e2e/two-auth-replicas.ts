import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auth } from '@gatehouse/auth-service';
import { MemoryBroker, type Bus } from '@gatehouse/bus';
import { appendRecords, type ServiceName } from '@gatehouse/contracts';
import { edge } from '@gatehouse/edge-service';
import {
  createLogger,
  readConfig,
  routeOf,
  type RunningService,
  type ServiceDefinition,
} from '@gatehouse/runtime';
import { testDatabases } from '@gatehouse/testing';
import { policy } from '@gatehouse/policy-service';
import { vault } from '@gatehouse/vault-service';
import { ADMIN } from './shape.js';

/** A vault, policy, two replicas of auth and an edge behind one address, with an MCP server `tools`; audit is played. */
export class TwoAuthReplicas {
  private readonly started: RunningService[] = [];
  private readonly servers: Server[] = [];
  private readonly auths: RunningService[] = [];
  private readonly broker = new MemoryBroker();
  private edge: RunningService | null = null;
  private turn = 0;
  url = '';

  private constructor(
    private readonly databases: {
      urls: Record<'auth' | 'vault' | 'policy', string>;
      drop: () => Promise<void>;
    },
    private readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<TwoAuthReplicas> {
    const folder = await mkdtemp(join(tmpdir(), 'replicas-'));
    const replicas = new TwoAuthReplicas(
      await testDatabases(['auth', 'vault', 'policy']),
      folder,
      environment,
    );
    replicas.url = await replicas.serve((request, response) =>
      replicas.route(request.url ?? '')(request, response),
    );
    await replicas.register(await replicas.serve(answerCall));
    replicas.as('audit').handle(appendRecords, ({ records }) => ({ accepted: records.length, repeated: 0 }));
    const { urls } = replicas.databases;
    await replicas.run(vault, urls.vault);
    for (let count = 0; count < 2; count++) replicas.auths.push(await replicas.run(auth, urls.auth));
    await replicas.run(policy, urls.policy);
    replicas.edge = await replicas.run(edge, '');
    return replicas;
  }

  get mcp(): string {
    return `${this.url}/demo/mcp/tools/server`;
  }

  as(service: ServiceName): Bus {
    return this.broker.connect(service);
  }

  /** The key ids that a replica publishes. */
  async kids(replica: 0 | 1): Promise<string[]> {
    this.turn = replica;
    const { keys } = (await (await fetch(`${this.url}/jwks`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
    for (const running of this.started.reverse()) await running.close();
    await this.databases.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async run<Schema extends ServiceDefinition['config']>(
    service: ServiceDefinition<Schema>,
    database: string,
  ): Promise<RunningService> {
    const config = readConfig(service.config, {
      GATEHOUSE_PUBLIC_URL: this.url,
      DATABASE_URL: database,
      GATEHOUSE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
      GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
      GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
      GATEHOUSE_APPLY: this.manifests,
      EDGE_JOURNAL: join(this.folder, 'journal'),
      ...this.environment,
    });
    const log = createLogger(service.name, 'silent');
    const running = await service.start({ config, bus: this.broker.connect(service.name), log });
    this.started.push(running);
    return running;
  }

  private get manifests(): string {
    return join(this.folder, 'servers.yaml');
  }

  private async register(upstream: string): Promise<void> {
    const scopes = [{ name: 'deploy', description: 'Put code into production', tools: ['deploy'] }];
    const collaborators = [{ subject: 'team:everyone', role_id: 'mcp-server-user' }];
    const server = {
      type: 'mcp-server/remote',
      name: 'tools',
      url: `${upstream}/mcp`,
      scopes,
      collaborators,
    };
    await writeFile(this.manifests, JSON.stringify(server));
  }

  private async serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Each request to auth goes to the other replica than the one before. */
  private route(target: string): RequestListener {
    const running = routeOf(target) === 'edge' ? this.edge : this.auths[this.turn++ % 2];
    return running?.listener ?? ((_request, response) => response.writeHead(503).end());
  }
}

const answerCall: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
};
