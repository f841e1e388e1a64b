import { Browser, fillForm, left, OAuthClient, shown, type BrowserPage } from '@gatehouse/testing';
import { ADMIN, startAuth, type AuthServer } from '../../test/auth-server.js';

const SIGN_IN = { Email: ADMIN.email, Password: ADMIN.password };

let server: AuthServer;
let client: OAuthClient;
beforeAll(async () => {
  server = await startAuth();
  client = await OAuthClient.register(server.metadata);
});
afterAll(() => server.close());

/** A browser at the sign-in page of a new request. */
async function atSignIn(parameters: Record<string, string> = {}) {
  // Asked each time, whatever was approved in the test before.
  const request = client.authorization({ resource: server.resource(), prompt: 'consent', ...parameters });
  const browser = new Browser();
  return { request, browser, page: shown(await browser.open(request.url, request.redirectUri)) };
}

async function atApproval() {
  const opened = await atSignIn();
  return { ...opened, page: shown(await opened.browser.press(opened.page, 'Sign in', { values: SIGN_IN })) };
}

/** Sends a page's form as another browser, or another site in the same, would. */
function send(
  page: BrowserPage,
  button: string,
  { headers = {}, change = {} }: { headers?: Record<string, string>; change?: Record<string, string> },
) {
  const { action, body } = fillForm(page, button, button === 'Sign in' ? SIGN_IN : {});
  for (const [name, value] of Object.entries(change)) body.set(name, value);
  return fetch(action, { method: 'POST', body, headers, redirect: 'manual' });
}

const cookieFor = (browser: Browser, page: BrowserPage) => browser.cookieHeader(page.url);
const isSignedIn = async (browser: Browser) => {
  const { url, redirectUri } = client.authorization({ resource: server.resource(), prompt: 'none' });
  return left(await browser.open(url, redirectUri)).searchParams.get('error') !== 'login_required';
};

describe.each([
  ['sign-in', 'Sign in', atSignIn],
  ['approval', 'Approve', atApproval],
] as const)('the %s form is refused', (_name, button, open) => {
  it('without the cookie of its request', async () => {
    const { page } = await open();
    expect((await send(page, button, {})).status).toBe(400);
  });

  it("with another browser's cookie", async () => {
    const [{ page }, other] = [await open(), await open()];
    const cookie = cookieFor(other.browser, other.page);
    expect((await send(page, button, { headers: { cookie } })).status).toBe(400);
  });

  it('with a cookie that was made up', async () => {
    const { page, browser } = await open();
    const cookie = cookieFor(browser, page).replace(/(gatehouse_interaction\.sig=)./, '$1_');
    expect((await send(page, button, { headers: { cookie } })).status).toBe(400);
  });

  it.each<[string, { headers?: Record<string, string>; change?: Record<string, string> }]>([
    ['without its token', { change: { form: '' } }],
    ["with another form's token", { change: { form: 'x'.repeat(43) } }],
    ['from another site', { headers: { origin: 'https://evil.example' } }],
    ['from a site below ours', { headers: { 'sec-fetch-site': 'same-site' } }],
    ['that another site sends', { headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } }],
  ])('%s', async (_what, { headers = {}, ...change }) => {
    const { page, browser } = await open();
    const cookie = cookieFor(browser, page);
    const response = await send(page, button, { headers: { cookie, ...headers }, ...change });
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it('after an hour', async () => {
    const { page, browser } = await open();
    await server.sql(
      "UPDATE oidc_state SET expires_at = expires_at - interval '61 min' WHERE model = 'Interaction'",
    );
    expect(shown(await browser.press(page, button)).status).toBe(400);
  });

  it('once it has been answered', async () => {
    const { page, browser, request } = await open();
    let at = await browser.press(page, button, {
      values: button === 'Sign in' ? SIGN_IN : {},
      until: request.redirectUri,
    });
    if (!('leftFor' in at)) at = await browser.press(at, 'Approve', { until: request.redirectUri });
    expect(left(at).searchParams.has('code')).toBe(true);
    // A button may be pressed twice.
    await server.sql("UPDATE oidc_state SET expires_at = expires_at - interval '31 s'");
    expect(shown(await browser.press(page, button)).status).toBe(400);
  });
});

describe('nobody can be made to go on with a sign-in of somebody else:', () => {
  it('a request that was begun in another browser is not shown', async () => {
    const { page } = await atSignIn();
    expect(shown(await new Browser().open(page.url)).status).toBe(400);
    expect(shown(await new Browser().open(page.url.href.replace('/sign-in', ''))).status).toBe(400);
  });

  it('cookies that were planted before do not let their planter in', async () => {
    const { page, browser: planter } = await atSignIn();
    const victim = await send(page, 'Sign in', { headers: { cookie: cookieFor(planter, page) } });
    const [, uid = ''] = /interaction\/([\w-]+)/.exec(page.url.pathname) ?? [];
    for (const path of [`/authorize/${uid}`, new URL(victim.headers.get('location') ?? '').pathname]) {
      await planter.open(server.origin + path);
      expect(await isSignedIn(planter)).toBe(false);
    }
  });

  it('a session is not one that the browser had before', async () => {
    const planted = 'gatehouse_session=planted; gatehouse_session.sig=planted';
    const browser = new Browser((url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('cookie', `${headers.get('cookie') ?? ''}; ${planted}`);
      return fetch(url, { ...init, headers });
    });
    const request = client.authorization({ resource: server.resource(), prompt: 'consent' });
    const page = shown(await browser.open(request.url));
    const approval = shown(await browser.press(page, 'Sign in', { values: SIGN_IN }));
    expect(cookieFor(browser, approval)).toMatch(/gatehouse_session=(?!planted)/);
  });
});

it.each(['//evil.example', '/\\evil.example', 'https:evil.example', 'javascript:alert(1)'])(
  'a wish to be sent to %s afterwards is not heard',
  async (evil) => {
    const wishes = { next: evil, return_to: evil, returnTo: evil, redirect: evil };
    const { page, browser } = await atSignIn(wishes);
    const { action, body } = fillForm(page, 'Sign in', SIGN_IN);
    for (const [name, value] of Object.entries(wishes)) {
      action.searchParams.set(name, value);
      body.set(name, value);
    }
    const headers = { cookie: browser.cookieHeader(page.url) };
    const response = await fetch(action, { method: 'POST', body, headers, redirect: 'manual' });
    const location = new URL(response.headers.get('location') ?? '', page.url);
    expect(location.origin).toBe(server.origin);
    expect(location.pathname).toMatch(/^\/authorize\/[\w-]+$/);
    expect(location.search).toBe('');
  },
);

it('an answer that leads to the client is kept nowhere, and its address is told to nobody', async () => {
  const { page, browser } = await atApproval();
  const approved = await send(page, 'Approve', { headers: { cookie: cookieFor(browser, page) } });
  const resume = new URL(approved.headers.get('location') ?? '', page.url);
  const headers = { cookie: browser.cookieHeader(resume) };
  const answer = await fetch(resume, { headers, redirect: 'manual' });
  expect(answer.headers.get('location')).toContain('code=');
  expect(answer.headers.get('cache-control')).toContain('no-store');
});
