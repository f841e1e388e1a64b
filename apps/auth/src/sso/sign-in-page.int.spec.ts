import { OAuthClient, shown, Browser, TestIdentityProvider } from '@gatehouse/testing';
import { getSignInSettings, setSignInSettings } from '@gatehouse/contracts';
import { addPerson, ADMIN, type AuthServer } from '../../test/auth-server.js';
import { atSignIn, CLIENT_SECRET, connect, putProvider, startSsoAuth, through } from '../../test/sso-lab.js';

const PASSWORD = { Email: ADMIN.email, Password: ADMIN.password };

let server: AuthServer;
let acme: TestIdentityProvider;
let demo: TestIdentityProvider;
beforeAll(async () => {
  server = await startSsoAuth();
  await server.sql("INSERT INTO tenant (name) VALUES ('acme')");
  const redirect_uris = [`${server.origin}/sso/callback`];
  const clients = [{ client_id: 'gatehouse', client_secret: CLIENT_SECRET, redirect_uris }];
  const jane = { jane: { email: 'jane@shared.example', email_verified: true, groups: ['dev'] } };
  demo = await TestIdentityProvider.start({ clients, people: jane });
  acme = await TestIdentityProvider.start({
    clients,
    people: { ...jane, ann: { email: 'ann@acme.example', email_verified: true } },
  });
  const domains = ['shared.example'];
  await putProvider(server, { issuer: demo.issuer, display_name: 'Demo', domains, team_prefix: 'demo:' });
  await putProvider(
    server,
    { issuer: acme.issuer, display_name: 'Acme', domains: [...domains, 'acme.example'] },
    { tenant: 'acme' },
  );
});
afterAll(async () => {
  await server?.close();
  await demo?.stop();
  await acme?.stop();
});

describe('two tenants with a provider each', () => {
  it('see their own button alone', async () => {
    const own = (await atSignIn(server)).page.html;
    expect(own).toContain('Continue with Demo');
    expect(own).not.toContain('Continue with Acme');
    const other = (await atSignIn(server, { resource: server.resource('everything', 'acme') })).page.html;
    expect(other).toContain('Continue with Acme');
    expect(other).not.toContain('Continue with Demo');
  });

  it('keep people of one name and one address apart', async () => {
    const first = (await connect(server, { button: 'Continue with Demo', user: 'jane' })).claims;
    const resource = server.resource('everything', 'acme');
    const second = (await connect(server, { button: 'Continue with Acme', user: 'jane', resource })).claims;
    expect([first['tenant'], second['tenant']]).toEqual(['demo', 'acme']);
    expect([first['name'], second['name']]).toEqual(['jane@shared.example', 'jane@shared.example']);
    expect(first['sub']).not.toBe(second['sub']);
  });

  it('are not reached through a form that names the other one', async () => {
    const { browser, page } = await atSignIn(server);
    const html = page.html.replace('demo/corp', 'acme/corp');
    const again = shown(await browser.press({ ...page, html }, 'Continue with Demo'));
    expect(again.html).toContain('<h1>Sign in</h1>');
  });

  it('are told apart by the e-mail address where the resource does not say', async () => {
    const { page, browser } = await atSignIn(server, { resource: `${server.origin}/api/v1` });
    expect(page.html).not.toContain('Continue with');
    const there = await browser.press(page, 'Sign in', { values: { Email: 'Ann@ACME.example' } });
    expect(shown(there).url.origin).toBe(acme.issuer);
    expect(shown(there).html).toContain('value="Ann@ACME.example"');
    const choice = shown(await browser.press(page, 'Sign in', { values: { Email: 'jane@shared.example' } }));
    expect(choice.html.match(/Continue with (?:Acme|Demo) \((?:acme|demo)\)/g)).toHaveLength(2);
  });
});

describe('the e-mail address', () => {
  it('alone leads to the provider that speaks for its domain', async () => {
    const { page, browser } = await atSignIn(server);
    const there = await browser.press(page, 'Sign in', { values: { Email: 'jane@shared.example' } });
    expect(shown(there).url.origin).toBe(demo.issuer);
  });

  it('of nobody’s domain asks for a password, in the words for a wrong one', async () => {
    const { page, browser } = await atSignIn(server);
    const refused = shown(await browser.press(page, 'Sign in', { values: { Email: ADMIN.email } }));
    expect([refused.status, refused.html]).toEqual([401, expect.stringContaining('wrong')]);
  });
});

describe('a browser', () => {
  it('changes hands when its person signs in as somebody else', async () => {
    demo.people.set('joe', { email: 'joe@shared.example', email_verified: true });
    const attempt = await atSignIn(server);
    const approval = shown(await through(attempt, 'Continue with Demo', 'jane'));
    expect(approval.html).toContain('jane@shared.example');
    const [, link = ''] = /<a href="([^"]+)">Sign in as somebody else/.exec(approval.html) ?? [];
    const page = shown(await attempt.browser.open(new URL(link, approval.url)));
    // The provider asks again, although it knows this browser.
    const other = shown(await through({ ...attempt, page }, 'Continue with Demo', 'joe'));
    expect(other.html).toContain('joe@shared.example');
  });

  it('is not asked again by the provider while it knows it', async () => {
    const attempt = await atSignIn(server);
    shown(await through(attempt, 'Continue with Demo', 'jane'));
    await server.sql("DELETE FROM oidc_state WHERE model = 'Session'");
    const again = await atSignIn(server, { browser: attempt.browser });
    expect(shown(await again.browser.press(again.page, 'Continue with Demo')).html).toContain('Approve');
  });

  it('must come back to the provider after the hours that it allows', async () => {
    await putProvider(server, { issuer: demo.issuer, display_name: 'Demo', max_session_hours: 2 });
    const attempt = await atSignIn(server);
    shown(await through(attempt, 'Continue with Demo', 'jane'));
    const client = await OAuthClient.register(server.metadata);
    const { url } = client.authorization({ resource: server.resource() });
    const at = async () => shown(await attempt.browser.open(url)).html;
    const age = (hours: number) =>
      server.sql(
        `UPDATE oidc_state SET payload = jsonb_set(payload, '{loginTs}', to_jsonb(extract(epoch FROM now())::int - $1::int))
         WHERE model = 'Session' AND payload ? 'loginTs'`,
        [hours * 3_600],
      );
    await age(1);
    expect(await at()).toContain('>Approve</button>');
    await age(3);
    expect(await at()).toContain('Continue with Demo');
  });
});

describe('local accounts that are switched off', () => {
  const set = (local_accounts: 'on' | 'off', tenant = 'demo') =>
    server.connect('console').request(setSignInSettings, { tenant, local_accounts });
  afterEach(() => set('on'));

  it('leave no form, and refuse a password that is sent all the same', async () => {
    const before = await atSignIn(server);
    await set('off');
    const { page } = await atSignIn(server);
    expect(page.html).not.toContain('Password');
    expect(page.html).toContain('Continue with Demo');
    const sent = shown(await before.browser.press(before.page, 'Sign in', { values: PASSWORD }));
    expect([sent.status, sent.html]).toEqual([403, expect.stringContaining('does not sign in by passwords')]);
  });

  it('refuse the password for the admin API too, as if it were wrong', async () => {
    await set('off');
    const { page, browser } = await atSignIn(server, { resource: `${server.origin}/api/v1` });
    expect(shown(await browser.press(page, 'Sign in', { values: PASSWORD })).status).toBe(401);
  });

  it('end browser sessions that were begun with a password', async () => {
    const { browser, page } = await atSignIn(server);
    expect(shown(await browser.press(page, 'Sign in', { values: PASSWORD })).html).toContain('Approve');
    expect((await atSignIn(server, { browser })).page.html).toContain('>Approve</button>');
    await set('off');
    expect((await atSignIn(server, { browser })).page.html).toContain('Continue with Demo');
  });

  it('are another tenant’s own matter', async () => {
    await set('off');
    const person = await addPerson(server, { tenant: 'acme' });
    const { page, browser } = await atSignIn(server, { resource: server.resource('everything', 'acme') });
    const values = { Email: person.email, Password: person.password };
    expect(shown(await browser.press(page, 'Sign in', { values })).html).toContain('>Approve</button>');
  });

  it('are not switched off where nobody could sign in any more', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('alone') ON CONFLICT DO NOTHING");
    await expect(set('off', 'alone')).rejects.toMatchObject({ code: 'auth.last_way_in' });
    expect(await server.connect('console').request(getSignInSettings, { tenant: 'alone' })).toEqual({
      local_accounts: 'on',
    });
    await set('off');
    const disabled = putProvider(server, { issuer: demo.issuer, enabled: false });
    await expect(disabled).rejects.toMatchObject({ code: 'auth.last_way_in' });
  });
});

it('the operator gets in by a password when no provider works', async () => {
  const operated = await startSsoAuth({ AUTH_LOCAL_ACCOUNTS: 'on' });
  await putProvider(operated, { issuer: demo.issuer });
  await operated.connect('console').request(setSignInSettings, { tenant: 'demo', local_accounts: 'off' });
  const { page, browser } = await atSignIn(operated);
  expect(shown(await browser.press(page, 'Sign in', { values: PASSWORD })).html).toContain(
    '>Approve</button>',
  );
  expect((await atSignIn(operated, { browser: new Browser() })).page.html).toContain('Password');
  await operated.close();
});
