import { mkdtemp, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auth } from '@gatehouse/auth-service';
import { MemoryBroker, type Bus } from '@gatehouse/bus';
import { appendRecords, type ServiceName } from '@gatehouse/contracts';
import { edge } from '@gatehouse/edge-service';
import { routeOf, type RunningService } from '@gatehouse/runtime';
import { testDatabases } from '@gatehouse/testing';
import { policy } from '@gatehouse/policy-service';
import { vault } from '@gatehouse/vault-service';
import { Assembly, mcpServer, unavailable } from './assembly.js';

/** A vault, policy, two replicas of auth and an edge behind one address; audit is played. */
export class TwoAuthReplicas extends Assembly {
  private readonly auths: RunningService[] = [];
  private readonly broker = new MemoryBroker();
  private edge: RunningService | null = null;
  private turn = 0;

  static async start(environment: Readonly<Record<string, string>>): Promise<TwoAuthReplicas> {
    const databases = await testDatabases(['auth', 'vault', 'policy']);
    const replicas = new TwoAuthReplicas(databases, await mkdtemp(join(tmpdir(), 'replicas-')));
    replicas.url = await replicas.serve((request, response) =>
      replicas.route(request.url ?? '')(request, response),
    );
    const manifests = await replicas.register(await replicas.serve(mcpServer));
    replicas
      .connect('audit')
      .handle(appendRecords, ({ records }) => ({ accepted: records.length, repeated: 0 }));
    const of = (service: keyof typeof databases.urls) => ({
      DATABASE_URL: databases.urls[service],
      ...environment,
    });
    await replicas.run(vault, of('vault'));
    for (let count = 0; count < 2; count++) replicas.auths.push(await replicas.run(auth, of('auth')));
    await replicas.run(policy, { ...of('policy'), GATEHOUSE_APPLY: manifests });
    replicas.edge = await replicas.run(edge, {
      EDGE_JOURNAL: join(replicas.folder, 'journal'),
      ...environment,
    });
    return replicas;
  }

  connect(service: ServiceName): Bus {
    return this.broker.connect(service);
  }

  /** The key ids that a replica publishes. */
  async kids(replica: 0 | 1): Promise<string[]> {
    this.turn = replica;
    const { keys } = (await (await fetch(`${this.url}/jwks`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  }

  /** @returns the file in which the manifest stands */
  private async register(upstream: string): Promise<string> {
    const scopes = [{ name: 'deploy', description: 'Put code into production', tools: ['deploy'] }];
    const collaborators = [{ subject: 'team:everyone', role_id: 'mcp-server-user' }];
    const server = {
      type: 'mcp-server/remote',
      name: 'tools',
      url: `${upstream}/mcp`,
      scopes,
      collaborators,
    };
    const manifests = join(this.folder, 'servers.yaml');
    await writeFile(manifests, JSON.stringify(server));
    return manifests;
  }

  /** Each request to auth goes to the other replica than the one before. */
  private route(target: string): RequestListener {
    const running = routeOf(target) === 'edge' ? this.edge : this.auths[this.turn++ % 2];
    return running?.listener ?? unavailable;
  }
}
