import { Browser, fillForm, left, OAuthClient, shown, type BrowserPage } from '@gatehouse/testing';
import { ADMIN, addPerson, startAuth, type AuthServer } from '../../test/auth-server.js';

const SIGN_IN = { Email: ADMIN.email, Password: ADMIN.password };

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth({ AUTH_SIGN_IN_ATTEMPTS: '3' });
});
afterAll(() => server.close());

/** A sign-in page of a fresh client, in a fresh browser. */
async function atSignIn(options: { registration?: Record<string, unknown>; resource?: string } = {}) {
  const client = await OAuthClient.register(server.metadata, { registration: options.registration ?? {} });
  const request = client.authorization({ resource: options.resource ?? server.resource() });
  const browser = new Browser();
  return { client, request, browser, page: shown(await browser.open(request.url)) };
}

async function atApproval(options: Parameters<typeof atSignIn>[0] = {}) {
  const opened = await atSignIn(options);
  return { ...opened, page: shown(await opened.browser.press(opened.page, 'Sign in', { values: SIGN_IN })) };
}

/** Sends a page's form by hand, as a page of somebody else's could. */
function send(page: BrowserPage, button: string, { headers = {}, change = {} } = {}): Promise<Response> {
  const { action, body } = fillForm(page, button);
  for (const [name, value] of Object.entries(change)) body.set(name, String(value));
  return fetch(action, { method: 'POST', body, headers: { ...headers }, redirect: 'manual' });
}

describe('every page', () => {
  it('forbids frames, scripts, caches and referrers', async () => {
    const { page: signIn } = await atSignIn();
    const { page: approval } = await atApproval();
    const error = shown(await new Browser().open(`${server.origin}/authorize?client_id=nobody`));
    const expired = shown(await new Browser().open(`${server.origin}/interaction/none`));
    const setup = shown(await new Browser().open(`${server.origin}/setup?token=x`));
    for (const page of [signIn, approval, error, expired, setup]) {
      const csp = page.headers.get('content-security-policy') ?? '';
      expect(csp).toContain("default-src 'none'");
      expect(csp).toContain("frame-ancestors 'none'");
      expect(csp).not.toContain('script-src');
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.html).not.toContain('<script');
    }
  });

  it('lets its form lead to the client that is asking, and to nobody else', async () => {
    const redirect_uris = ['cursor://anysphere.cursor-mcp/oauth/callback'];
    const { page } = await atApproval({ registration: { redirect_uris } });
    expect(page.headers.get('content-security-policy')).toMatch(/form-action 'self' cursor:$/);
    const { page: loopback } = await atApproval();
    expect(loopback.headers.get('content-security-policy')).toMatch(
      /form-action 'self' http:\/\/127.0.0.1:33418$/,
    );
  });
});

describe('the approval page', () => {
  it('shows client, redirect host, server, scopes and person', async () => {
    const registration = { client_name: 'My IDE', redirect_uris: ['https://ide.example/cb'] };
    const { page } = await atApproval({ registration });
    expect(page.html).toMatch(/<h1>[^<]*My IDE/);
    for (const text of [
      'ide.example',
      server.resource(),
      'Call its tools',
      ADMIN.email,
      'The server everything.',
    ])
      expect(page.html).toContain(text);
    expect(page.html).not.toContain('class="note"');
  });

  it('warns of clients that can only be a program on this computer', async () => {
    expect((await atApproval()).page.html).toContain('class="note"');
  });

  it.each(['<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', "' autofocus onfocus='alert(1)"])(
    'shows the client name %s as text',
    async (client_name) => {
      const { page } = await atApproval({ registration: { client_name } });
      expect(page.html).not.toContain(client_name);
      expect(page.html).toMatch(/<h1>Let [^<]*(?:&lt;|&quot;|&#39;)[^<]* use demo\/everything\?<\/h1>/);
    },
  );

  it('sends nothing to the client without a click', async () => {
    const { page, browser, request } = await atApproval();
    expect(page.html).toContain('>Approve</button>');
    const again = await browser.open(request.url, request.redirectUri);
    expect(shown(again).html).toContain('>Approve</button>');
  });
});

describe('a form is refused', () => {
  it('from a browser that did not begin the sign-in', async () => {
    const { page } = await atApproval();
    const response = await send(page, 'Approve');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('expired');
  });

  it.each([
    ['without its token', { change: { form: '' } }],
    ['with the token of another sign-in', { change: { form: 'x'.repeat(43) } }],
    ['from another site', { headers: { origin: 'https://evil.example' } }],
    ['that the browser says is cross-site', { headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } }],
  ])('%s', async (_what, { change, headers }: { change?: object; headers?: object }) => {
    const { page, browser, request } = await atApproval();
    const { action } = fillForm(page, 'Approve');
    const cookie = browser.cookieHeader(action);
    const response = await send(page, 'Approve', {
      headers: { cookie, ...headers },
      ...(change ? { change } : {}),
    });
    expect(response.status).toBe(403);
    const approved = await browser.press(page, 'Approve', { until: request.redirectUri });
    expect(left(approved).searchParams.has('code')).toBe(true);
  });

  it('that is too large, without a word about our insides', async () => {
    for (const path of ['/setup', '/interaction/x/sign-in']) {
      const body = new URLSearchParams({ email: 'x'.repeat(1_000_000) });
      const response = await fetch(`${server.origin}${path}`, { method: 'POST', body });
      expect(response.status).toBe(413);
      expect(await response.text()).not.toMatch(/node_modules|at .*\(/);
    }
  });

  it('once it was answered', async () => {
    const { page, browser, request } = await atApproval();
    await browser.press(page, 'Approve', { until: request.redirectUri });
    expect(shown(await browser.press(page, 'Approve', { until: request.redirectUri })).status).toBe(400);
  });
});

describe('signing in', () => {
  it('says the same of an unknown e-mail and a wrong password', async () => {
    const texts = [];
    for (const Email of ['nobody@example.com', (await addPerson(server)).email]) {
      const { page, browser } = await atSignIn();
      const values = { Email, Password: 'wrong password' };
      const refused = shown(await browser.press(page, 'Sign in', { values }));
      expect(refused.status).toBe(401);
      texts.push(/role="alert">([^<]+)/.exec(refused.html)?.[1]);
    }
    expect(texts[0]).toContain('wrong');
    expect(texts[0]).toBe(texts[1]);
  });

  it('takes the e-mail in any spelling', async () => {
    const { page, browser } = await atSignIn();
    const values = { ...SIGN_IN, Email: ` ${ADMIN.email.toUpperCase()} ` };
    expect(shown(await browser.press(page, 'Sign in', { values })).html).toContain('>Approve</button>');
  });

  it('must wait after too many failures, even with the right password', async () => {
    const person = await addPerson(server);
    const { page, browser } = await atSignIn();
    const values = { Email: person.email, Password: 'wrong password' };
    for (let i = 0; i < 3; i += 1)
      expect(shown(await browser.press(page, 'Sign in', { values })).status).toBe(401);
    values.Password = person.password;
    const refused = shown(await browser.press(page, 'Sign in', { values }));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('as somebody else in another tab is taken at its word', async () => {
    const person = await addPerson(server);
    const { page: first, browser } = await atSignIn();
    const client = await OAuthClient.register(server.metadata);
    const second = shown(await browser.open(client.authorization({ resource: server.resource() }).url));
    shown(await browser.press(first, 'Sign in', { values: SIGN_IN }));
    const values = { Email: person.email, Password: person.password };
    expect(shown(await browser.press(second, 'Sign in', { values })).html).toContain(person.email);
  });

  it('gives the browser a new session, so that nobody can plant one', async () => {
    const { page, browser } = await atApproval();
    const sessionOf = () => /gatehouse_session=([^;]+)/.exec(browser.cookieHeader(page.url))?.[1];
    const before = sessionOf();
    const other = await OAuthClient.register(server.metadata);
    const request = other.authorization({ resource: server.resource(), prompt: 'login' });
    const signIn = shown(await browser.open(request.url));
    shown(await browser.press(signIn, 'Sign in', { values: SIGN_IN }));
    expect(before).toBeDefined();
    expect(sessionOf()).toBeDefined();
    expect(sessionOf()).not.toBe(before);
  });
});

describe('a server that a person may not use', () => {
  it('looks like one that does not exist', async () => {
    server.forbidden.add('none');
    const pages = [];
    for (const name of ['secret', 'none']) {
      const { page } = await atApproval({ resource: server.resource(name) });
      expect(page.status).toBe(403);
      expect(page.html).toContain('no such server, or you may not use it');
      pages.push(page.html.replaceAll(name, '').replaceAll(/interaction\/[\w-]+/g, ''));
    }
    expect(pages[0]).toBe(pages[1]);
  });

  it('can be tried as somebody else', async () => {
    const person = await addPerson(server);
    server.forbidden.add('once');
    const { page, browser, request, client } = await atApproval({ resource: server.resource('once') });
    const [, link = ''] = /<a href="([^"]+)"/.exec(page.html) ?? [];
    server.forbidden.delete('once');
    const values = { Email: person.email, Password: person.password };
    const signIn = shown(await browser.open(new URL(link, page.url)));
    const approval = shown(await browser.press(signIn, 'Sign in', { values }));
    expect(approval.html).toContain(person.email);
    const redirect = left(await browser.press(approval, 'Approve', { until: request.redirectUri }));
    await expect(client.exchange(redirect, request)).resolves.toBeDefined();
  });

  it('is not let in by a form that was made for another', async () => {
    const { page, browser } = await atApproval({ resource: server.resource('shut') });
    server.forbidden.add('shut');
    expect(shown(await browser.press(page, 'Approve')).status).toBe(403);
  });
});
