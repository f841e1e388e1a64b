import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { routeOf, StartError } from '@gatehouse/runtime';

/** Stands in for the ingress of an installation: one origin, routed by path to the services, whose replicas take turns. */
export class Ingress {
  private readonly ports = new Map<string, number[]>();
  private turn = 0;
  private readonly server: Server = createServer((request, response) => this.pass(request, response));

  /** Where a replica of a service listens now; they are numbered from 0. */
  route(service: string, replica: number, port: number): void {
    const ports = this.ports.get(service) ?? [];
    ports[replica] = port;
    this.ports.set(service, ports);
  }

  /** @throws StartError if the port is taken or may not be used */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', ({ code }: NodeJS.ErrnoException) => reject(cannotListen(port, code)));
      this.server.listen(port, host, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const ports = this.ports.get(routeOf(request.url ?? '/')) ?? [];
    const port = ports[(this.turn += 1) % ports.length];
    if (port === undefined) return unavailable(response);
    const { method, url, rawHeaders } = request;
    const upstream = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: url,
      headers: rawHeaders as never,
      agent: false,
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders as never);
      response.flushHeaders();
      answer.pipe(response);
    });
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else unavailable(response);
    });
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }
}

function unavailable(response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': '1' }).end();
}

function cannotListen(port: number, code = 'unknown error'): StartError {
  const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`;
  return new StartError(
    `port ${port} ${reason}: stop what listens there, or set GATEHOUSE_PORT to another port`,
  );
}
