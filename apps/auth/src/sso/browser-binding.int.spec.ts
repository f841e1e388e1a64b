import { Browser, left, shown, TestIdentityProvider, type BrowserPage } from '@gatehouse/testing';
import type { AuthServer } from '../../test/auth-server.js';
import { atSignIn, CLIENT_SECRET, putProvider, startSsoAuth, type Attempt } from '../../test/sso-lab.js';

const BUTTON = 'Continue with Corp';

let server: AuthServer;
let idp: TestIdentityProvider;
beforeAll(async () => {
  server = await startSsoAuth();
  const redirect_uris = [`${server.origin}/sso/callback`];
  const person = (name: string) => ({ email: `${name}@corp.example`, email_verified: true });
  idp = await TestIdentityProvider.start({
    clients: [{ client_id: 'gatehouse', client_secret: CLIENT_SECRET, redirect_uris }],
    people: { victim: person('victim'), attacker: person('attacker') },
  });
  await putProvider(server, { issuer: idp.issuer, display_name: 'Corp', domains: ['corp.example'] });
});
afterAll(async () => {
  await server?.close();
  await idp?.stop();
});

/** Logs in at the provider, and stops in front of our callback. */
async function atCallback(attempt: Attempt, user: string): Promise<URL> {
  const until = `${server.origin}/sso/callback`;
  const login = await attempt.browser.press(attempt.page, BUTTON, { until });
  if ('leftFor' in login) return login.leftFor;
  return left(await attempt.browser.press(login, 'Log in', { values: { User: user }, until }));
}

const sessions = () =>
  server.sql("SELECT id FROM oidc_state WHERE model = 'Session' AND payload ? 'accountId'");

async function expectRefused(result: Promise<BrowserPage | { leftFor: URL }>): Promise<void> {
  const before = (await sessions()).length;
  const page = shown(await result);
  expect([page.status, page.html]).toEqual([400, expect.stringContaining('expired')]);
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(await sessions()).toHaveLength(before);
}

describe('an answer of a provider is refused', () => {
  it('in a browser without our cookie', async () => {
    const callback = await atCallback(await atSignIn(server), 'victim');
    await expectRefused(new Browser().open(callback));
  });

  it('in another browser, even one that is at a sign-in of its own (login CSRF)', async () => {
    const attackers = await atCallback(await atSignIn(server), 'attacker');
    const victim = await atSignIn(server);
    await atCallback(victim, 'victim');
    await expectRefused(victim.browser.open(attackers));
  });

  it('for another sign-in of the same browser', async () => {
    const victim = await atSignIn(server);
    const own = await atCallback(victim, 'victim');
    const attackers = await atCallback(await atSignIn(server), 'attacker');
    attackers.searchParams.set('state', own.searchParams.get('state') ?? '');
    const page = shown(await victim.browser.open(attackers));
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('cannot be trusted')]);
    expect(page.html).not.toContain('>Approve</button>');
  });

  it('the second time', async () => {
    const attempt = await atSignIn(server);
    const callback = await atCallback(attempt, 'victim');
    expect(shown(await attempt.browser.open(callback)).html).toContain('>Approve</button>');
    await expectRefused(attempt.browser.open(callback));
  });

  it('after another answer for the same sign-in, good or not', async () => {
    const attempt = await atSignIn(server);
    const callback = await atCallback(attempt, 'victim');
    const forged = new URL(callback);
    forged.searchParams.set('code', 'injected');
    expect(shown(await attempt.browser.open(forged)).status).toBe(403);
    await expectRefused(attempt.browser.open(callback));
  });

  it('of two at once, one', async () => {
    const attempt = await atSignIn(server);
    const callback = await atCallback(attempt, 'victim');
    const results = await Promise.all([1, 2, 3, 4].map(() => attempt.browser.open(callback)));
    const pages = results.map(shown);
    expect(pages.filter(({ html }) => html.includes('>Approve</button>'))).toHaveLength(1);
  });

  it('after ten minutes', async () => {
    const attempt = await atSignIn(server);
    const callback = await atCallback(attempt, 'victim');
    await server.sql("UPDATE sso_sign_in SET expires = now() - interval '1 second'");
    await expectRefused(attempt.browser.open(callback));
  });

  it.each(['', 'x', 'uid.short', '../../setup.' + 'x'.repeat(43), 'a/b.' + 'x'.repeat(43)])(
    'with the state "%s"',
    async (state) => {
      const url = `${server.origin}/sso/callback?code=c&state=${encodeURIComponent(state)}`;
      await expectRefused(new Browser().open(url));
    },
  );

  it('with its state twice', async () => {
    const attempt = await atSignIn(server);
    const callback = await atCallback(attempt, 'victim');
    callback.searchParams.append('state', 'another');
    await expectRefused(attempt.browser.open(callback));
  });
});

describe('before a button is pressed', () => {
  it('nothing is stored, no cookie is set, and nobody asks the provider', async () => {
    await server.sql('DELETE FROM sso_sign_in');
    const before = idp.requests.length;
    const { page, browser } = await atSignIn(server);
    expect(page.html).toContain(BUTTON);
    expect(
      browser.cookieHeader(new URL(`${page.url.href.replace('/sign-in', '')}/sso/callback`)),
    ).not.toContain('sso');
    expect(await server.sql('SELECT * FROM sso_sign_in')).toEqual([]);
    expect(idp.requests).toHaveLength(before);
  });

  it('the page names the client, and where its answer goes', async () => {
    const { page } = await atSignIn(server);
    for (const text of ['Test client', '127.0.0.1', server.resource()]) expect(page.html).toContain(text);
  });
});

it('an address that fails too often has to wait', async () => {
  const throttled = await startSsoAuth({ AUTH_SIGN_IN_ATTEMPTS_PER_ADDRESS: '2' });
  await putProvider(throttled, { issuer: idp.issuer, display_name: 'Corp' });
  const statuses = [];
  for (let i = 0; i < 3; i += 1) {
    const { page, browser } = await atSignIn(throttled);
    const own = page.url.pathname.replace('/sign-in', '/sso/callback');
    statuses.push(shown(await browser.open(`${throttled.origin}${own}?code=guessed&state=guessed`)).status);
  }
  expect(statuses).toEqual([400, 400, 429]);
  await throttled.close();
});

it('a button is pressed on our own page alone', async () => {
  const { page } = await atSignIn(server);
  const action = new URL(`${page.url.pathname.replace('/sign-in', '')}/sso`, page.url);
  const body = new URLSearchParams({ provider: 'demo/corp' });
  expect((await fetch(action, { method: 'POST', body, redirect: 'manual' })).status).toBe(400);
  const attempt = await atSignIn(server);
  const own = new URL(`${attempt.page.url.pathname.replace('/sign-in', '')}/sso`, page.url);
  const headers = { cookie: attempt.browser.cookieHeader(own) };
  expect((await fetch(own, { method: 'POST', body, headers, redirect: 'manual' })).status).toBe(403);
});

it('the database holds neither the state, nor the nonce, nor the verifier, nor the cookie', async () => {
  const attempt = await atSignIn(server);
  const callback = await atCallback(attempt, 'victim');
  const row = JSON.stringify(await server.sql('SELECT * FROM sso_sign_in'));
  const path = new URL(`${attempt.page.url.pathname.replace('/sign-in', '')}/sso/callback`, server.origin);
  const cookie = /gatehouse_sso=([^;]+)/.exec(attempt.browser.cookieHeader(path))?.[1] ?? 'missing';
  const asked = new URL(`http://x${idp.requests.findLast((line) => line.startsWith('/auth?')) ?? ''}`)
    .searchParams;
  const secrets = [
    cookie,
    callback.searchParams.get('state')?.split('.')[1],
    asked.get('nonce'),
    asked.get('code_challenge'),
  ];
  expect(secrets).toEqual(Array(4).fill(expect.stringMatching(/^[\w-]{43}$/)));
  for (const secret of secrets) expect(row).not.toContain(secret);
  expect(asked.get('code_challenge_method')).toBe('S256');
});
