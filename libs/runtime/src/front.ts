import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { metricsText } from './metrics.js';
import { StartError } from './start-error.js';

export interface FrontOptions {
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** Where set, /metrics is served there and not on `port`. */
  metricsPort?: number | undefined;
  /** Takes every request that is not about health. */
  listener?: RequestListener | undefined;
  /** Null while ready, else the reason why not. */
  notReady: () => string | null;
}

const DRAIN_ANNOUNCE_MS = 2_000;
const DRAIN_FINISH_MS = 25_000;

/** A process's HTTP server: the service's own addresses, and /healthz, /readyz and /metrics. */
export class Front {
  private draining = false;

  private constructor(
    private readonly options: FrontOptions,
    private readonly server: Server,
    private readonly metrics: Server | null,
  ) {}

  /** @throws StartError if the port is taken or may not be used */
  static async open(options: FrontOptions): Promise<Front> {
    const server = createServer({
      headersTimeout: 10_000,
      requestTimeout: 120_000,
      connectionsCheckingInterval: 2_000,
    });
    const metrics =
      options.metricsPort === undefined ? null : createServer((_, response) => void sendMetrics(response));
    const front = new Front(options, server, metrics);
    server.on('request', (request, response) => front.answer(request, response));
    await listen(server, options.host, options.port);
    if (metrics) await listen(metrics, options.host, options.metricsPort ?? 0);
    return front;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * Says "not ready" at once, keeps accepting for 2 s so that a load balancer can notice (unless `hurry`), then
   * lets requests in flight finish for 25 s at most.
   */
  async drain(hurry: boolean): Promise<void> {
    this.draining = true;
    if (!hurry) await new Promise((resolve) => setTimeout(resolve, DRAIN_ANNOUNCE_MS));
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const cut = setTimeout(() => this.server.closeAllConnections(), hurry ? 2_000 : DRAIN_FINISH_MS);
    await closed;
    clearTimeout(cut);
    this.metrics?.closeAllConnections();
    this.metrics?.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.draining) response.setHeader('connection', 'close');
    switch (request.url) {
      case '/healthz':
        return sendText(response, 200, 'alive\n');
      case '/readyz': {
        const reason = this.draining ? 'draining' : this.options.notReady();
        return sendText(response, reason === null ? 200 : 503, `${reason ?? 'ready'}\n`);
      }
      case '/metrics':
        return this.metrics ? this.pass(request, response) : void sendMetrics(response);
      default:
        return this.pass(request, response);
    }
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    if (this.options.listener) this.options.listener(request, response);
    else sendText(response, 404, 'not found\n');
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end(text);
}

async function sendMetrics(response: ServerResponse): Promise<void> {
  const { contentType, text } = await metricsText();
  response.writeHead(200, { 'content-type': contentType }).end(text);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      `port ${port} on ${host} is in use: stop what listens there, or set GATEHOUSE_PORT to another port`,
    );
  if (error.code === 'EACCES')
    return new StartError(
      `port ${port} on ${host} may not be used by this user: set GATEHOUSE_PORT above 1023`,
    );
  if (error.code === 'EADDRNOTAVAIL')
    return new StartError(`${host} is not an address of this machine: correct GATEHOUSE_HOST`);
  return error;
}
