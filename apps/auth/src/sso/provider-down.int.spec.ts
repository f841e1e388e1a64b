import { shown, TestIdentityProvider } from '@gatehouse/testing';
import { testIdentityProvider } from '@gatehouse/contracts';
import type { AuthServer } from '../../test/auth-server.js';
import { EvilIdentityProvider } from '../../test/evil-identity-provider.js';
import { atSignIn, CLIENT_SECRET, putProvider, startSsoAuth, through } from '../../test/sso-lab.js';

let server: AuthServer;
let idp: TestIdentityProvider;
beforeAll(async () => {
  server = await startSsoAuth();
  const redirect_uris = [`${server.origin}/sso/callback`];
  idp = await TestIdentityProvider.start({
    clients: [{ client_id: 'gatehouse', client_secret: CLIENT_SECRET, redirect_uris }],
    people: { jane: { email: 'jane@corp.example', email_verified: true } },
  });
});
afterAll(async () => {
  await server?.close();
  await idp?.stop();
});
beforeEach(() => putProvider(server, { issuer: idp.issuer, domains: ['corp.example'] }));
afterEach(() => void (idp.brokenWith = null));

const test = (name = 'corp') =>
  server.connect('console').request(testIdentityProvider, { tenant: 'demo', name });
const press = async (name = 'corp') => {
  const { browser, page } = await atSignIn(server);
  return shown(await browser.press(page, `Continue with ${name}`));
};

describe('a provider that is down', () => {
  it.each([
    ['refuses connections', 'http://127.0.0.1:9'],
    ['is in trouble', null],
  ])('is a page that says so, and no loop: %s', async (_what, issuer) => {
    idp.brokenWith = 500;
    const name = issuer === null ? 'broken' : 'closed';
    await putProvider(server, { name, issuer: issuer ?? idp.issuer });
    const page = await press(name);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5']);
    expect(page.html).toContain(`${name} cannot be reached`);
    expect(page.html).toContain('Back to the sign-in');
  });

  it('when the person comes back is the same page, and the next sign-in works again', async () => {
    const attempt = await atSignIn(server);
    const until = `${server.origin}/sso/callback`;
    const login = shown(await attempt.browser.press(attempt.page, 'Continue with corp', { until }));
    const there = await attempt.browser.press(login, 'Log in', { values: { User: 'jane' }, until });
    idp.brokenWith = 503;
    const page = shown(await attempt.browser.open('leftFor' in there ? there.leftFor : ''));
    expect([page.status, page.html]).toEqual([503, expect.stringContaining('cannot be reached')]);
    idp.brokenWith = null;
    expect(shown(await through(await atSignIn(server), 'Continue with corp', 'jane')).html).toContain(
      'Approve',
    );
  });

  it('does not keep away people who sign in by a password', async () => {
    idp.brokenWith = 500;
    expect((await atSignIn(server)).page.html).toContain('Password');
  });
});

describe('a provider is connected to', () => {
  it('at no private address that was not opened', async () => {
    const closed = await startSsoAuth({ GATEHOUSE_ALLOW_PRIVATE: '' });
    const before = idp.requests.length;
    await putProvider(closed, { issuer: idp.issuer });
    const { browser, page } = await atSignIn(closed);
    expect(shown(await browser.press(page, 'Continue with corp')).status).toBe(502);
    const tested = await closed
      .connect('console')
      .request(testIdentityProvider, { tenant: 'demo', name: 'corp' });
    expect(tested).toMatchObject({ ok: false, checks: [{ check: 'discovery', ok: false }] });
    expect(tested.checks[0]?.detail).toContain('GATEHOUSE_ALLOW_PRIVATE');
    expect(idp.requests).toHaveLength(before);
    await closed.close();
  });

  it('at no other address that its metadata leads to', async () => {
    const evil = await EvilIdentityProvider.start();
    const opened = await startSsoAuth({
      GATEHOUSE_ALLOW_PRIVATE: `127.0.0.1/32:${new URL(evil.issuer).port}`,
    });
    evil.metadata = { token_endpoint: `${idp.issuer}/token`, jwks_uri: `${idp.issuer}/jwks` };
    await putProvider(opened, { issuer: evil.issuer });
    const before = idp.requests.length;
    const page = shown(await through(await atSignIn(opened), 'Continue with corp', ''));
    expect(page.status).toBe(502);
    expect(idp.requests).toHaveLength(before);
    await opened.close();
    await evil.stop();
  });

  it('once for many sign-ins', async () => {
    await press();
    const before = idp.requests.filter((path) => path.startsWith('/.well-known')).length;
    for (let i = 0; i < 3; i += 1) await press();
    expect(idp.requests.filter((path) => path.startsWith('/.well-known'))).toHaveLength(before);
  });
});

describe('the test of a provider', () => {
  it('says that all is well, and which redirect URI it must have', async () => {
    expect(await test()).toMatchObject({
      ok: true,
      redirect_uri: `${server.origin}/sso/callback`,
      checks: [{ check: 'discovery' }, { check: 'keys', detail: '1 keys' }, { check: 'client' }],
    });
  });

  it.each([
    ['a wrong client secret', { client_secret: 'wrong' }, 'client', 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, 'client', 'invalid_client'],
    ['an address where no provider is', { issuer: 'PROVIDER/nowhere' }, 'discovery', 'it answered 404'],
    ['another issuer there', { issuer: 'OTHER' }, 'discovery', 'does not match'],
  ])(
    'names %s',
    async (
      _what,
      changes: { issuer?: string; client_secret?: string; client_id?: string },
      check,
      detail,
    ) => {
      const issuer = (changes.issuer ?? idp.issuer)
        .replace('PROVIDER', idp.issuer)
        .replace('OTHER', idp.issuer.replace('127.0.0.1', 'localhost'));
      await putProvider(server, { ...changes, issuer });
      const { ok, checks } = await test();
      expect(ok).toBe(false);
      expect(checks.at(-1)).toMatchObject({ check, ok: false, detail: expect.stringContaining(detail) });
      expect(JSON.stringify(checks)).not.toContain(changes.client_secret ?? CLIENT_SECRET);
    },
  );
});
