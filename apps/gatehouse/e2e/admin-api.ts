import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '@gatehouse/audit-service';
import { auth } from '@gatehouse/auth-service';
import { MemoryBroker, type Bus } from '@gatehouse/bus';
import { consoleService } from '@gatehouse/console-service';
import type { ServiceName } from '@gatehouse/contracts';
import { policy } from '@gatehouse/policy-service';
import {
  createLogger,
  readConfig,
  routeOf,
  type RunningService,
  type ServiceDefinition,
} from '@gatehouse/runtime';
import { testDatabases } from '@gatehouse/testing';
import { vault } from '@gatehouse/vault-service';
import { ADMIN } from './shape.js';

const STORES = ['vault', 'auth', 'policy', 'audit'] as const;

/** The admin API with every service behind it, in this process, on a real database. */
export class AdminApi {
  private readonly started: RunningService[] = [];
  private readonly listeners = new Map<ServiceName, RequestListener>();
  private readonly broker = new MemoryBroker();
  private server!: Server;
  url = '';

  private constructor(
    private readonly databases: { urls: Record<(typeof STORES)[number], string>; drop: () => Promise<void> },
    private readonly folder: string,
  ) {}

  static async start(): Promise<AdminApi> {
    const folder = await mkdtemp(join(tmpdir(), 'admin-api-'));
    const api = new AdminApi(await testDatabases(STORES), folder);
    api.server = createServer((request, response) => {
      const listener = api.listeners.get(routeOf(request.url ?? ''));
      if (listener) listener(request, response);
      else response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    api.url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`;
    for (const service of [vault, auth, policy, audit] as ServiceDefinition<typeof auth.config>[])
      await api.run(service, api.databases.urls[service.name as 'auth']);
    await api.run(consoleService as unknown as ServiceDefinition<typeof auth.config>, '');
    return api;
  }

  as(service: ServiceName): Bus {
    return this.broker.connect(service);
  }

  /** The database of auth, for what no address makes: a second tenant. */
  get authDatabase(): string {
    return this.databases.urls.auth;
  }

  async call(method: string, path: string, sent: { token?: string; body?: unknown } = {}) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(sent.token !== undefined && { authorization: `Bearer ${sent.token}` }),
        ...(sent.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    for (const running of this.started.reverse()) await running.close();
    await this.databases.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async run(service: ServiceDefinition<typeof auth.config>, database: string): Promise<void> {
    const config = readConfig(service.config, {
      GATEHOUSE_PUBLIC_URL: this.url,
      DATABASE_URL: database,
      GATEHOUSE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
      GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
      GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
      GATEHOUSE_DATA: this.folder,
    });
    const log = createLogger(service.name, 'silent');
    const running = await service.start({ config, bus: this.broker.connect(service.name), log });
    this.started.push(running);
    if (running.listener) this.listeners.set(service.name, running.listener);
  }
}
