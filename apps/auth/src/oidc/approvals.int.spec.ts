import {
  approve,
  Browser,
  left,
  OAuthClient,
  shown,
  type BrowserPage,
  type LeftFor,
} from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { ADMIN, addPerson, startAuth, type AuthServer } from '../../test/auth-server.js';

const LOOPBACK = 'http://127.0.0.1/cb';
const WEB = 'https://app.example/cb';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

const register = (registration = {}) =>
  OAuthClient.register(server.metadata, {
    registration: { redirect_uris: [LOOPBACK, WEB], ...registration },
  });

/** What a browser is shown, or where it is sent, when a client asks again for what is different in one thing. */
async function askAgain(
  different: Record<string, string>,
  { client, browser }: { client: OAuthClient; browser: Browser },
): Promise<BrowserPage | LeftFor> {
  const request = client.authorization({ resource: server.resource(), scope: 'mcp:read', ...different });
  return browser.open(request.url, request.redirectUri);
}

/** A client that has been approved by the administrator, and the browser in which that was done. */
async function approved(registration = {}) {
  const [client, browser] = [await register(registration), new Browser()];
  const request = client.authorization({ resource: server.resource(), scope: 'mcp:read' });
  await approve(browser, request, ADMIN);
  return { client, browser };
}

const isAsked = (result: BrowserPage | LeftFor) => shown(result).html.includes('>Approve</button>');

describe('an approval counts', () => {
  it('for the same again, at any loopback port', async () => {
    const result = await askAgain({ redirect_uri: 'http://127.0.0.1:5555/cb' }, await approved());
    expect(left(result).searchParams.get('code')).not.toBeNull();
  });

  it.each<[string, () => Record<string, string>]>([
    ['server', () => ({ resource: server.resource('other') })],
    ['scope', () => ({ scope: 'mcp:read mcp:call' })],
    ['redirect', () => ({ redirect_uri: WEB })],
  ])('for no other %s', async (_what, different) => {
    expect(isAsked(await askAgain(different(), await approved()))).toBe(true);
  });

  it('for no other person, in the same browser or another', async () => {
    const { client, browser } = await approved();
    const person = await addPerson(server);
    const values = { Email: person.email, Password: person.password };
    for (const their of [browser, new Browser()]) {
      const signIn = shown(await askAgain({ prompt: 'login' }, { client, browser: their }));
      expect(isAsked(await their.press(signIn, 'Sign in', { values }))).toBe(true);
    }
  });

  it('for no other client, whatever its name: its own redirect host is shown, and nothing is sent before a click', async () => {
    const { browser } = await approved({ client_name: 'My IDE' });
    const twin = await register({ client_name: 'My IDE' });
    expect(isAsked(await askAgain({}, { client: twin, browser }))).toBe(true);
    const redirect_uris = ['https://evil.example/cb'];
    const impostor = await register({ client_name: 'My IDE', redirect_uris });
    const page = shown(await askAgain({}, { client: impostor, browser }));
    expect(isAsked(page)).toBe(true);
    expect(page.html).toMatch(/<dd>evil\.example<\/dd>/);
  });

  it('only by the button: not by an address', async () => {
    const { client, browser } = await approved();
    const page = shown(await askAgain({ resource: server.resource('more') }, { client, browser }));
    const url = new URL(page.url);
    url.searchParams.set('decision', 'approve');
    expect(isAsked(await browser.open(url))).toBe(true);
    expect(isAsked(await askAgain({ resource: server.resource('more') }, { client, browser }))).toBe(true);
  });
});

describe('a token carries no more than was approved', () => {
  it.each([
    ['openid offline_access admin', 'mcp:read mcp:call'],
    ['mcp:read admin api', 'mcp:read'],
    ['mcp:call mcp:read mcp:read', 'mcp:read mcp:call'],
  ])('for a client that asks for "%s"', async (scope, given) => {
    const client = await register();
    const request = client.authorization({ resource: server.resource(), scope });
    const tokens = await client.exchange(await approve(new Browser(), request, ADMIN), request);
    expect(tokens.scope).toBe(given);
    expect(decodeJwt(tokens.access_token)['scope']).toBe(given);
  });

  it.each(['mcp:read mcp:call', 'mcp:read admin', 'api'])('if it refreshes with "%s"', async (scope) => {
    const client = await register();
    const request = client.authorization({ resource: server.resource(), scope: 'mcp:read' });
    const { refresh_token } = await client.exchange(await approve(new Browser(), request, ADMIN), request);
    const response = await client.token({ grant_type: 'refresh_token', refresh_token, scope });
    const answer = (await response.json()) as object;
    expect(answer).toMatchObject({ error: 'invalid_scope' });
    expect(answer).not.toHaveProperty('access_token');
  });
});
