import { approve, Browser, DocumentHost, OAuthClient, shown } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { ADMIN, addPerson, startAuth, type AuthServer } from '../../../test/auth-server.js';

const CLAUDE = 'https://claude.ai/oauth/claude-code-client-metadata';

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

const clientAt = (url: string, redirectUri?: string) =>
  OAuthClient.known(server.metadata, url, { ...(redirectUri && { redirectUri }) });

const pageFor = async (client: OAuthClient) =>
  shown(await new Browser().open(client.authorization({ resource: server.resource() }).url));

const askedFor = (url: string) => host.asked.filter((asked) => asked === url).length;

async function signIn(client: OAuthClient, parameters: Record<string, string> = {}) {
  const request = client.authorization({ resource: server.resource(), ...parameters });
  const redirect = await approve(new Browser(), request, ADMIN);
  return client.exchange(redirect, request);
}

it('that clients may describe themselves is told by the metadata', () => {
  expect(server.metadata).toMatchObject({
    client_id_metadata_document_supported: true,
    token_endpoint_auth_methods_supported: expect.arrayContaining(['none', 'private_key_jwt']) as unknown,
  });
});

describe('a client that is described by a document', () => {
  it('signs in and refreshes without having registered, on any loopback port', async () => {
    const redirect_uris = ['http://localhost/callback', 'http://127.0.0.1/callback'];
    const url = host.serveClient('/claude.json', { client_name: 'Claude Code', redirect_uris });
    const client = clientAt(url, 'http://localhost:54321/callback');
    const tokens = await signIn(client);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: url, client_name: 'Claude Code' });
    await expect(client.refresh(tokens.refresh_token)).resolves.toBeDefined();
    expect(askedFor(url)).toBe(1);
  });

  it('may use another loopback port than its document names', async () => {
    const url = host.serveClient('/copilot.json', { redirect_uris: ['http://127.0.0.1:33418/callback'] });
    await expect(signIn(clientAt(url, 'http://127.0.0.1:40001/callback'))).resolves.toBeDefined();
    const elsewhere = await pageFor(clientAt(url, 'http://127.0.0.1:40001/other'));
    expect(elsewhere.html).toContain('unknown address');
  });

  it('has the address of its document shown where it is approved', async () => {
    const url = host.serveClient('/named.json', { client_name: 'Claude Code' });
    const browser = new Browser();
    const request = clientAt(url).authorization({ resource: server.resource() });
    const values = { Email: ADMIN.email, Password: ADMIN.password };
    const page = shown(await browser.press(shown(await browser.open(request.url)), 'Sign in', { values }));
    expect(page.html).toContain(url);
  });

  it('has one id for all its installations: ending one of them leaves the others', async () => {
    const url = host.serveClient('/installed-often.json');
    const client = clientAt(url);
    const [mine, other] = [await signIn(client), await signIn(client)];
    expect((await client.revoke(mine.refresh_token)).status).toBe(200);
    const refresh = { grant_type: 'refresh_token', refresh_token: mine.refresh_token };
    expect(await (await client.token(refresh)).json()).toMatchObject({ error: 'invalid_grant' });
    await expect(client.refresh(other.refresh_token)).resolves.toBeDefined();
  });

  it('has its document fetched once for all who ask at the same time', async () => {
    const url = host.serveClient('/parallel.json');
    const pages = await Promise.all(Array.from({ length: 10 }, () => pageFor(clientAt(url))));
    for (const page of pages) expect(page.html).toContain('>Sign in</button>');
    expect(askedFor(url)).toBe(1);
  });

  it('has it fetched again when it is no longer fresh, and then what it says counts', async () => {
    const url = host.serveClient('/changing.json', {}, { 'cache-control': 'max-age=3600' });
    const { refresh_token } = await signIn(clientAt(url));
    const [{ minutes } = { minutes: 0 }] = await server.sql<{ minutes: number }>(
      'SELECT round(extract(epoch FROM fresh_until - now()) / 60)::int AS minutes FROM client WHERE id = $1',
      [url],
    );
    expect(minutes).toBe(60);
    host.serveClient('/changing.json', { redirect_uris: ['http://127.0.0.1/new'] });
    await server.sql('UPDATE client SET fresh_until = now() WHERE id = $1', [url]);
    expect((await pageFor(clientAt(url))).html).toContain('unknown address');
    expect((await pageFor(clientAt(url, 'http://127.0.0.1/new'))).html).toContain('>Sign in</button>');
    await expect(clientAt(url).refresh(refresh_token)).resolves.toBeDefined();
    expect(askedFor(url)).toBe(2);
  });

  it('stays signed in while its host is away, for a week', async () => {
    const url = host.serveClient('/away.json');
    const client = clientAt(url);
    const { refresh_token } = await signIn(client);
    host.serve(url, (response) => void response.writeHead(503).end());
    await server.sql('UPDATE client SET fresh_until = now() WHERE id = $1', [url]);
    const refreshed = await client.refresh(refresh_token);
    await client.refresh(refreshed.refresh_token);
    expect(askedFor(url)).toBe(2);
    await server.sql(
      "UPDATE client SET fresh_until = now(), fetched = now() - interval '8 days' WHERE id = $1",
      [url],
    );
    expect((await pageFor(client)).html).toContain('cannot be used');
  });

  it('does not stay signed in when its document is gone', async () => {
    const url = host.serveClient('/withdrawn.json');
    const { refresh_token } = await signIn(clientAt(url));
    host.serve(url, (response) => void response.writeHead(404).end());
    await server.sql('UPDATE client SET fresh_until = now() WHERE id = $1', [url]);
    const answer = await clientAt(url).token({ grant_type: 'refresh_token', refresh_token });
    expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
  });
});

it('new documents from one address are limited, those known already are not', async () => {
  const limited = await startAuth({
    GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
    AUTH_REGISTRATIONS_PER_ADDRESS: '1',
  });
  try {
    const open = async (url: string) => {
      const request = OAuthClient.known(limited.metadata, url).authorization({
        resource: limited.resource(),
      });
      return shown(await new Browser().open(request.url)).html;
    };
    const known = host.serveClient('/known.json');
    expect(await open(known)).toContain('>Sign in</button>');
    expect(await open(host.serveClient('/new.json'))).toContain('too many new clients');
    expect(await open(known)).toContain('>Sign in</button>');
    expect(host.asked).not.toContain(host.url('/new.json'));
  } finally {
    await limited.close();
  }
});

it('through a proxy a document is fetched as the URL that the client really has', async () => {
  const documents = await DocumentHost.start({ hosts: ['claude.ai'] });
  const proxied = await startAuth({ AUTH_OUTBOUND_PROXY: documents.proxy });
  try {
    documents.serveClient(CLAUDE, {
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost/callback'],
    });
    const redirectUri = 'http://localhost:3118/callback';
    const client = OAuthClient.known(proxied.metadata, CLAUDE, { redirectUri });
    const request = client.authorization({ resource: proxied.resource() });
    const person = await addPerson(proxied);
    const redirect = await approve(new Browser(), request, person);
    expect(decodeJwt((await client.exchange(redirect, request)).access_token)).toMatchObject({
      client_id: CLAUDE,
    });
    const inside = OAuthClient.known(proxied.metadata, 'https://127.0.0.1:8443/c').authorization({
      resource: proxied.resource(),
    });
    const before = documents.asked.length;
    expect(shown(await new Browser().open(inside.url)).status).toBe(400);
    expect(documents.asked).toHaveLength(before);
  } finally {
    await proxied.close();
    await documents.close();
  }
});
