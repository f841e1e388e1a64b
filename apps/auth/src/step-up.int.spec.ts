import { approve, Browser, OAuthClient, shown, type BrowserPage } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
let client: OAuthClient;
let browser: Browser;
beforeAll(async () => {
  server = await startAuth();
});
beforeEach(async () => {
  client = await OAuthClient.register(server.metadata);
  browser = new Browser();
});
afterAll(() => server.close());

/** A sign-in for these scopes; the page on which it was asked for approval, if it was. */
async function signIn(scope: string | undefined, name = 'production') {
  const request = client.authorization({ resource: server.resource(name), scope });
  const redirect = await approve(browser, request, ADMIN);
  const tokens = await client.exchange(redirect, request);
  return { ...tokens, granted: decodeJwt(tokens.access_token)['scope'] };
}

const asked = async (scope: string): Promise<BrowserPage> =>
  shown(await browser.open(client.authorization({ resource: server.resource('production'), scope }).url));

it('a client that asks for nothing gets what every server has, and nothing of a server’s own', async () => {
  expect((await signIn(undefined)).granted).toBe('mcp:read mcp:call');
});

it('a client that asks for more later is approved again, in the words of the server’s owner, and once', async () => {
  await signIn('mcp:read mcp:call');
  const page = await asked('mcp:read mcp:call mcp:deploy');
  expect(page.html).toContain('Put code into production');
  const stepped = await signIn('mcp:read mcp:call mcp:deploy');
  expect(stepped).toMatchObject({
    granted: 'mcp:read mcp:call mcp:deploy',
    scope: 'mcp:read mcp:call mcp:deploy',
  });
  const until = 'http://127.0.0.1:33418/callback';
  const again = client.authorization({
    resource: server.resource('production'),
    scope: 'mcp:call mcp:deploy',
  });
  expect(await browser.open(again.url, until)).toHaveProperty('leftFor');
});

it('a refreshed token keeps what was granted, can be narrower, and never wider', async () => {
  const { refresh_token: token } = await signIn('mcp:read mcp:call mcp:deploy');
  const refreshed = await client.refresh(token);
  expect(decodeJwt(refreshed.access_token)['scope']).toBe('mcp:read mcp:call mcp:deploy');
  const narrower = await client.refresh(refreshed.refresh_token, { scope: 'mcp:read' });
  expect(decodeJwt(narrower.access_token)['scope']).toBe('mcp:read');
  const plain = await signIn('mcp:read mcp:call');
  const wider = await client.token({
    grant_type: 'refresh_token',
    refresh_token: plain.refresh_token,
    scope: 'mcp:read mcp:call mcp:deploy',
  });
  expect([wider.status, await wider.json()]).toEqual([
    400,
    expect.objectContaining({ error: 'invalid_scope' }),
  ]);
});

it('scopes that the server does not define are dropped, and asked about no further', async () => {
  const { granted, scope } = await signIn('mcp:read mcp:call mcp:deploy mcp:admin');
  expect([granted, scope]).toEqual(['mcp:read mcp:call mcp:deploy', 'mcp:read mcp:call mcp:deploy']);
  expect((await signIn('mcp:read mcp:deploy', 'everything')).granted).toBe('mcp:read');
  const again = client.authorization({
    resource: server.resource('production'),
    scope: 'mcp:read mcp:admin',
  });
  expect(await browser.open(again.url, 'http://127.0.0.1:33418/callback')).toHaveProperty('leftFor');
});

it('a client that asks for nothing that exists is told so', async () => {
  const request = client.authorization({ resource: server.resource('everything'), scope: 'mcp:deploy' });
  const redirect = await approve(browser, request, ADMIN);
  expect(redirect.searchParams.get('error')).toBe('invalid_scope');
  expect(redirect.searchParams.get('iss')).toBe(server.origin);
});
