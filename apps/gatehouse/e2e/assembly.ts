import { rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bus } from '@gatehouse/bus';
import type { ServiceName } from '@gatehouse/contracts';
import { createLogger, readConfig, type RunningService, type ServiceDefinition } from '@gatehouse/runtime';
import { ADMIN } from './shape.js';

/** Some of our services in this process, put together for one test, with an MCP server `tools` behind them. */
export abstract class Assembly {
  private readonly started: RunningService[] = [];
  private readonly servers: Server[] = [];
  /** The origin that users see. */
  url = '';

  protected constructor(
    private readonly databases: { drop: () => Promise<void> },
    protected readonly folder: string,
  ) {}

  protected abstract connect(service: ServiceName): Bus | Promise<Bus>;

  /** The MCP server's address, as its users know it: tokens are for it, whichever edge they come to. */
  get mcp(): string {
    return `${this.url}/demo/mcp/tools/server`;
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

  protected async run<Schema extends ServiceDefinition['config']>(
    service: ServiceDefinition<Schema>,
    environment: Readonly<Record<string, string>>,
  ): Promise<RunningService> {
    const config = readConfig(service.config, {
      GATEHOUSE_PUBLIC_URL: this.url,
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

  /** @returns the origin at which it listens */
  protected async serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

export const unavailable: RequestListener = (_request, response) => void response.writeHead(503).end();

/** An MCP server that answers calls, and keeps GET streams open. */
export const mcpServer: RequestListener = (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return void response.write(': begun\n\n');
  }
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
};
