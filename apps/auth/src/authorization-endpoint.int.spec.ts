import { approve, Browser, left, OAuthClient, shown, type BrowserPage } from '@gatehouse/testing';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
let client: OAuthClient;
beforeAll(async () => {
  server = await startAuth();
  client = await OAuthClient.register(server.metadata, {
    registration: { redirect_uris: ['http://127.0.0.1/cb', 'https://app.example/cb'] },
  });
});
afterAll(() => server.close());

type Parameters = Record<string, string | undefined>;
const requestOf = (parameters: Parameters) =>
  client.authorization({ resource: server.resource(), state: 's', ...parameters }).url;

/** Opens a request that must be refused by a redirect to the client, and returns its parameters. */
async function refusal(url: URL): Promise<Record<string, string>> {
  const redirect = left(await new Browser().open(url, 'http://127.0.0.1/cb'));
  return Object.fromEntries(redirect.searchParams);
}

describe('an authorization request is refused by a redirect that names the issuer (RFC 9207)', () => {
  it.each<[string, Parameters, string]>([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with PKCE "plain"', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['with PKCE that would default to "plain"', { code_challenge_method: undefined }, 'invalid_request'],
    ['with a challenge of 42 characters', { code_challenge: 'x'.repeat(42) }, 'invalid_request'],
    ['with a challenge of 129 characters', { code_challenge: 'x'.repeat(129) }, 'invalid_request'],
    ['with a challenge of other characters', { code_challenge: `${'x'.repeat(42)}!` }, 'invalid_request'],
    ['for a token', { response_type: 'token' }, 'unsupported_response_type'],
    ['for an ID token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['for a code and a token', { response_type: 'code token' }, 'unsupported_response_type'],
    ['to be answered in a message', { response_mode: 'web_message' }, 'unsupported_response_mode'],
    ['to be answered by a form', { response_mode: 'form_post' }, 'unsupported_response_mode'],
    ['with a request object', { request: 'x.y.z' }, 'request_not_supported'],
    ['without a resource', { resource: undefined }, 'invalid_target'],
    ["for somebody else's resource", { resource: 'https://elsewhere.example/mcp' }, 'invalid_target'],
  ])('%s', async (_what, parameters, error) => {
    const url = requestOf(parameters);
    url.searchParams.set('redirect_uri', 'http://127.0.0.1/cb');
    const redirect = await new Browser().open(url, 'http://127.0.0.1/cb');
    const answer = new URL(left(redirect).href.replace('#', '?'));
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({ error, iss: server.origin, state: 's' });
    expect(answer.searchParams.has('code')).toBe(false);
  });

  it.each(['scope', 'state', 'code_challenge', 'prompt', 'login_hint'])('with %s twice', async (name) => {
    const url = requestOf({ scope: 'mcp:read', prompt: 'login', login_hint: 'a' });
    url.searchParams.append(name, url.searchParams.get(name) ?? '');
    expect(await refusal(url)).toMatchObject({ error: 'invalid_request', iss: server.origin });
  });

  it('with two resources', async () => {
    const url = requestOf({});
    url.searchParams.append('resource', server.resource('other'));
    expect(await refusal(url)).toMatchObject({ error: 'invalid_target' });
  });
});

describe('an authorization request is refused by a page, and nothing is sent to the client,', () => {
  it.each(['client_id', 'redirect_uri'])('with %s twice', async (name) => {
    const url = requestOf({});
    url.searchParams.append(name, url.searchParams.get(name) ?? '');
    expect(shown(await new Browser().open(url)).status).toBe(400);
  });

  it.each([
    'http://127.0.0.1/other',
    'http://127.0.0.1/cb/',
    'http://127.0.0.1/cb?x=1',
    'http://localhost/cb',
    'http://[::1]/cb',
    'http://127.0.0.2/cb',
    'http://127.1/cb',
    'http://2130706433/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.1:80@evil.example/cb',
    'https://127.0.0.1/cb',
    'https://app.example:8443/cb',
    'https://app.example/cb/../evil',
    'https://app.example.evil.example/cb',
  ])('for an answer to %s', async (redirect_uri) => {
    const page = shown(await new Browser().open(requestOf({ redirect_uri })));
    expect(page.status).toBe(400);
    expect(page.html).toContain('unknown address');
  });

  it('from an unknown client, with what to do about it', async () => {
    const page = shown(await new Browser().open(requestOf({ client_id: 'nobody' })));
    expect(page.status).toBe(400);
    expect(page.html).toContain('not registered here');
    expect(page.html).toContain('Clear authentication');
  });
});

it.each(['/AUTHORIZE', '/authorize/'])('the same rules hold at %s', async (path) => {
  const url = requestOf({ response_mode: 'fragment' });
  url.pathname = path;
  expect(await refusal(url)).toMatchObject({ error: 'unsupported_response_mode' });
});

it('a loopback redirect may have any port (RFC 8252, section 7.3)', async () => {
  const page = shown(await new Browser().open(requestOf({ redirect_uri: 'http://127.0.0.1:5555/cb' })));
  expect(page.html).toContain('>Sign in</button>');
});

it('an unknown server or tenant looks the same to a stranger as one that exists', async () => {
  const pages = [];
  for (const resource of [server.resource(), server.resource('none'), server.resource('none', 'none')]) {
    const page = shown(await new Browser().open(requestOf({ resource })));
    // it repeats what was asked for
    const html = page.html.replaceAll(resource, '');
    pages.push(html.replaceAll(/(?<=interaction\/)[\w-]+|(?<=value=")[\w-]{43}/g, ''));
    expect(page.status).toBe(200);
  }
  expect(new Set(pages).size).toBe(1);
});

it('parameters that a client need not have sent are ignored', async () => {
  const url = requestOf({
    scope: 'openid offline_access admin',
    prompt: 'consent select_account',
    nonce: 'n',
  });
  expect(shown(await new Browser().open(url)).html).toContain('>Sign in</button>');
});

describe('somebody who is signed in already', () => {
  it.each(['token', 'id_token', 'code token'])('gets nothing by response_type %s either', async (type) => {
    const browser = new Browser();
    await approve(browser, client.authorization({ resource: server.resource() }), ADMIN);
    for (const prompt of [undefined, 'none']) {
      const redirect = left(
        await browser.open(requestOf({ response_type: type, prompt }), 'http://127.0.0.1/cb'),
      );
      expect(redirect.href).toContain('error=unsupported_response_type');
      expect(redirect.href).not.toMatch(/[?#&](?:code|access_token|id_token)=/);
    }
  });
});

it.each(['//evil.example', '/\\evil.example', 'https:evil.example', 'https://evil.example'])(
  'nobody is sent to %s after the sign-in, whatever the pages and their forms are told',
  async (elsewhere) => {
    const browser = new Browser();
    const request = client.authorization({ resource: server.resource(), prompt: 'consent' });
    const query = new URLSearchParams(
      ['next', 'return_to', 'returnTo', 'redirect_uri', 'iss'].map((name): [string, string] => [
        name,
        elsewhere,
      ]),
    );
    const told = (page: BrowserPage) => ({
      ...page,
      html: page.html.replaceAll(
        /action="([^"]+)"/g,
        (_, action: string) => `action="${action}?${query.toString()}"`,
      ),
    });
    const { url } = shown(await browser.open(request.url));
    const page = shown(await browser.open(`${url.href}?${query.toString()}`));
    const values = { Email: ADMIN.email, Password: ADMIN.password };
    const approval = shown(await browser.press(told(page), 'Sign in', { values }));
    expect(approval.url.origin).toBe(server.origin);
    const until = request.redirectUri;
    const redirect = left(await browser.press(told(approval), 'Approve', { until }));
    expect(redirect.href.startsWith(`${until}?`)).toBe(true);
  },
);
