import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';

type Answer = object | ((response: ServerResponse) => void);

/**
 * A small HTTPS server for Client ID Metadata Documents, and a proxy that leads to it whatever host is asked for.
 *
 * A document of its own address (`url('/client.json')`, on loopback) is reached as it is, where
 * `GATEHOUSE_ALLOW_PRIVATE` opens loopback. To serve one as `https://claude.ai/oauth/...`, which has to be that very
 * address since it is the client's id, name the host in `start({ hosts: ['claude.ai'] })`, `serve` the whole URL, and
 * give the auth service `AUTH_OUTBOUND_PROXY: host.proxy`: it then asks the proxy for claude.ai:443 and gets here.
 *
 * The certificate is from an authority made for this run. This process trusts it from now on; a child process does
 * with `NODE_EXTRA_CA_CERTS: host.authority`.
 */
export class DocumentHost {
  private readonly answers = new Map<string, Answer>();
  /** Every URL that was asked for, in order. */
  readonly asked: string[] = [];
  /** TCP connections that were made to the server, directly or through the proxy. */
  connections = 0;

  private constructor(
    private readonly folder: string,
    private readonly server: TlsServer,
    private readonly tunnel: Server,
  ) {}

  static async start({ hosts = [] }: { hosts?: readonly string[] } = {}): Promise<DocumentHost> {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-documents-'));
    const { key, cert, authority } = await issueCertificate(folder, ['localhost', ...hosts]);
    trust(authority);
    const server = createTlsServer({ key, cert });
    const tunnel = createServer();
    const host = new DocumentHost(folder, server, tunnel);
    server.on('connection', () => (host.connections += 1));
    server.on('request', (request, response) => {
      const url = `https://${request.headers.host}${request.url}`;
      host.asked.push(url);
      host.answer(url, response);
    });
    tunnel.on('connection', (socket) => {
      socket.on('error', () => socket.destroy());
      // what it says does not matter: all hosts are here
      socket.once('data', () => {
        const inside = connect(portOf(server), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          socket.pipe(inside).pipe(socket);
        });
        inside.on('error', () => socket.destroy());
        socket.on('close', () => inside.destroy());
      });
    });
    await Promise.all([listen(server), listen(tunnel)]);
    return host;
  }

  /** An address of this server. */
  url(path: string): string {
    return `https://127.0.0.1:${portOf(this.server)}${path}`;
  }

  get port(): number {
    return portOf(this.server);
  }

  /** For `AUTH_OUTBOUND_PROXY`. */
  get proxy(): string {
    return `http://127.0.0.1:${portOf(this.tunnel)}`;
  }

  /** A PEM file, for `NODE_EXTRA_CA_CERTS`. */
  get authority(): string {
    return join(this.folder, 'authority.pem');
  }

  /**
   * Answers a URL with a document or a function's own answer; whatever is served nowhere is answered with 404.
   *
   * @param at a whole URL, or a path of this server
   * @returns the URL: the client's id
   */
  serve(at: string, answer: Answer): string {
    const url = at.startsWith('/') ? this.url(at) : at;
    this.answers.set(url, answer);
    return url;
  }

  /** Serves a document with members of an ordinary native client's, replaced by `members`. */
  serveClient(
    at: string,
    members: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): string {
    const url = at.startsWith('/') ? this.url(at) : at;
    const document = {
      client_id: url,
      client_name: 'Documented client',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...members,
    };
    return this.serve(url, (response) => sendJson(response, document, headers));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    this.tunnel.close();
    await rm(this.folder, { recursive: true });
  }

  private answer(url: string, response: ServerResponse): void {
    const answer = this.answers.get(url);
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'function') (answer as (response: ServerResponse) => void)(response);
    else sendJson(response, answer);
  }
}

function sendJson(response: ServerResponse, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const openssl = (folder: string, ...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder });
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function issueCertificate(folder: string, hosts: readonly string[]) {
  const names = ['IP:127.0.0.1', ...hosts.map((host) => `DNS:${host}`)].join(',');
  await writeFile(join(folder, 'names'), `subjectAltName=${names}\n`);
  const authority = ['-keyout', 'authority.key', '-out', 'authority.pem', '-subj', '/CN=Gatehouse tests'];
  await openssl(folder, 'req', '-x509', ...NEW_KEY, '-days', '2', ...authority);
  await openssl(
    folder,
    'req',
    ...NEW_KEY,
    '-keyout',
    'host.key',
    '-out',
    'host.csr',
    '-subj',
    '/CN=documents',
  );
  const signer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
  await openssl(folder, 'x509', '-req', '-in', 'host.csr', ...signer, '-days', '2', '-extfile', 'names', '-out', 'host.pem'); // prettier-ignore
  const [key, cert, pem] = await Promise.all(
    ['host.key', 'host.pem', 'authority.pem'].map((file) => readFile(join(folder, file), 'utf8')),
  );
  return { key, cert, authority: pem ?? '' };
}

/** Node reads NODE_EXTRA_CA_CERTS at its start only: for this process, the authority is added to what it makes later. */
function trust(authority: string): void {
  const create = tls.createSecureContext;
  tls.createSecureContext = (options) => {
    const context = create(options);
    (context.context as { addCACert(pem: string): void }).addCACert(authority);
    return context;
  };
}
