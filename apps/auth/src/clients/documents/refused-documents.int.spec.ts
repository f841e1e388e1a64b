import { Browser, DocumentHost, OAuthClient, shown } from '@gatehouse/testing';
import { startAuth, type AuthServer } from '../../../test/auth-server.js';

let host: DocumentHost;
let server: AuthServer;
beforeAll(async () => {
  host = await DocumentHost.start();
  server = await startAuth({ GATEHOUSE_ALLOW_PRIVATE: `127.0.0.1:${host.port}` });
});
afterAll(async () => {
  await server.close();
  await host.close();
});

const clientAt = (url: string) => OAuthClient.known(server.metadata, url);

const pageFor = async (client: OAuthClient) =>
  shown(await new Browser().open(client.authorization({ resource: server.resource() }).url));

describe('a document is not taken, and the person is told why within 3 seconds,', () => {
  const raw = (url: string) => ({ client_id: url, redirect_uris: ['http://127.0.0.1/callback'] });
  type Serve = (path: string) => string;
  it.each<[string, Serve, string]>([
    [
      'if it names another client_id',
      (path) => host.serveClient(path, { client_id: 'https://claude.ai/oauth/claude-code-client-metadata' }),
      'its own address',
    ],
    ['if it is too large', (path) => host.serveClient(path, { x: 'x'.repeat(5_200) }), 'larger than'],
    [
      'if it is too large, and does not say so',
      (path) =>
        host.serve(path, (response) => {
          response.writeHead(200);
          for (let i = 0; i < 100; i += 1) response.write(' '.repeat(1_000));
          response.end(JSON.stringify(raw(host.url(path))));
        }),
      'larger than',
    ],
    [
      'if it says that it is too large',
      (path) =>
        host.serve(path, (response) => void response.writeHead(200, { 'content-length': 6_000 }).write('{')),
      'larger than',
    ],
    [
      'if it says that it is shorter than it is',
      (path) =>
        host.serve(path, (response) => {
          const text = JSON.stringify(raw(host.url(path)));
          response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n${text}`);
        }),
      'it is not JSON',
    ],
    [
      'if it is no JSON',
      (path) => host.serve(path, (response) => void response.end('<html>')),
      'it is not JSON',
    ],
    [
      'if it is elsewhere',
      (path) => {
        const there = host.serveClient(`${path}-there`, { client_id: host.url(path) });
        return host.serve(path, (response) => void response.writeHead(302, { location: there }).end());
      },
      'answered 302',
    ],
    [
      'if its host has failed',
      (path) => host.serve(path, (response) => void response.writeHead(500).end()),
      'answered 500',
    ],
    ['if its host is silent', (path) => host.serve(path, () => undefined), 'could not be fetched'],
    [
      'if its host is slow',
      (path) =>
        host.serve(path, (response) => {
          response.write('{');
          const drip = setInterval(() => response.write(' '), 500);
          response.on('close', () => clearInterval(drip));
        }),
      'could not be fetched',
    ],
    ['if it has a secret', (path) => host.serveClient(path, { client_secret: 's' }), 'a client secret'],
    [
      'if it authenticates by a shared secret',
      (path) => host.serveClient(path, { token_endpoint_auth_method: 'client_secret_basic' }),
      'token_endpoint_auth_method',
    ],
    [
      'if its logo is in the clear',
      (path) => host.serveClient(path, { logo_uri: 'http://a.example/x' }),
      'logo_uri',
    ],
    [
      'if its keys are private',
      (path) =>
        host.serveClient(path, {
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] },
        }),
      'public keys only',
    ],
  ])('%s', async (what, serve, reason) => {
    const url = serve(`/${encodeURIComponent(what)}`);
    const started = performance.now();
    const page = await pageFor(clientAt(url));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(page.status).toBe(400);
    expect(page.html).toContain('cannot be used');
    expect(page.html).toContain(reason);
    const answer = await clientAt(url).token({ grant_type: 'refresh_token', refresh_token: 'x' });
    expect(answer.status).toBe(400);
    const body = (await answer.json()) as { error: string; error_description: string };
    expect(body.error).toBe('invalid_client');
    expect(body.error_description).toContain(reason);
    expect(await server.sql('SELECT 1 FROM client WHERE id = $1', [url])).toEqual([]);
  });
});

describe('no connection is made to an address that was not opened,', () => {
  it.each([
    ['another port of loopback', (port: number) => `https://127.0.0.1:${port}/c`],
    ['a name for loopback', (port: number) => `https://localhost:${port}/c`],
    ['loopback in IPv6', (port: number) => `https://[::1]:${port}/c`],
    ['loopback in IPv6 for IPv4', (port: number) => `https://[::ffff:127.0.0.1]:${port}/c`],
    ['loopback as a number', (port: number) => `https://2130706433:${port}/c`],
    ['loopback, short', (port: number) => `https://127.1:${port}/c`],
    ['this network', (port: number) => `https://0.0.0.0:${port}/c`],
    ['a user in front', (port: number) => `https://claude.ai@127.0.0.1:${port}/c`],
    ['http', (port: number) => `http://127.0.0.1:${port}/c`],
  ])('as %s', async (_what, address) => {
    const other = await DocumentHost.start();
    try {
      const page = await pageFor(clientAt(address(other.port)));
      expect(page.status).toBe(400);
      expect(other.connections).toBe(0);
    } finally {
      await other.close();
    }
  });

  it('nor to link-local, private and other special ones', async () => {
    for (const address of ['169.254.169.254', '10.0.0.1', '192.168.0.1', '100.64.0.1', '[fd00::1]'])
      expect((await pageFor(clientAt(`https://${address}/c`))).html).toContain('could not be fetched');
  });
});
