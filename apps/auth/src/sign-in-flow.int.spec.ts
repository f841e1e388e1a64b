import { request as httpRequest } from 'node:http';
import { approve, Browser, left, OAuthClient, shown, signInHeadless } from '@gatehouse/testing';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { ADMIN, addPerson, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

const register = (registration = {}) => OAuthClient.register(server.metadata, { registration });

describe('metadata', () => {
  it('is the same at both addresses, and lists only what clients should ask for', async () => {
    const response = await fetch(`${server.origin}/.well-known/openid-configuration`);
    expect(await response.json()).toEqual(server.metadata);
    expect(server.metadata).toMatchObject({
      issuer: server.origin,
      scopes_supported: ['mcp:read', 'mcp:call'],
      response_types_supported: ['code'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']) as unknown,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none']) as unknown,
    });
  });

  it('takes its addresses from the configuration, whatever the request says', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    const text = await new Promise<string>((resolve, reject) => {
      const url = `${server.origin}/.well-known/oauth-authorization-server`;
      httpRequest(url, { headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += String(chunk)));
        response.on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    expect(JSON.parse(text)).toEqual(server.metadata);
  });
});

describe('a client that signs in', () => {
  it('gets a token for that server, that person and that client', async () => {
    const resource = server.resource();
    const tokens = await signInHeadless({ resource, metadata: server.metadata, ...ADMIN });
    const keys = createRemoteJWKSet(new URL(`${server.origin}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, {
      issuer: server.origin,
      audience: resource,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    });
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: 'k1' });
    expect(payload).toMatchObject({
      client_id: tokens.client.clientId,
      client_name: 'Test client',
      scope: 'mcp:read mcp:call',
      tenant: 'demo',
      name: ADMIN.email,
      teams: [],
      gid: expect.any(String) as unknown,
      jti: expect.any(String) as unknown,
    });
    expect(payload).not.toHaveProperty('admin');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
  });

  it('gets the teams of the person, and for the admin API whether they administer it', async () => {
    const person = await addPerson(server, { teams: ['platform', 'data'] });
    const { metadata } = server;
    const ordinary = await signInHeadless({ resource: server.resource(), metadata, ...person });
    expect(decodeJwt(ordinary.access_token)).toMatchObject({ teams: ['data', 'platform'], sub: person.id });
    const api = { resource: `${server.origin}/api/v1`, metadata };
    const theirs = decodeJwt((await signInHeadless({ ...api, ...person })).access_token);
    expect(theirs).toMatchObject({ admin: false, scope: 'api', aud: api.resource, tenant: 'demo' });
    const admins = decodeJwt((await signInHeadless({ ...api, ...ADMIN })).access_token);
    expect(admins).toMatchObject({ admin: true, scope: 'api' });
  });

  it('refreshes without naming the server again, and may narrow its scope but not widen it', async () => {
    const { metadata } = server;
    const resource = server.resource();
    const { client, refresh_token } = await signInHeadless({
      resource,
      scope: 'mcp:read',
      metadata,
      ...ADMIN,
    });
    const refreshed = await client.refresh(refresh_token);
    expect(decodeJwt(refreshed.access_token)).toMatchObject({ aud: resource, scope: 'mcp:read' });
    const named = await client.refresh(refreshed.refresh_token, { resource, scope: 'mcp:read' });
    expect(named.scope).toBe('mcp:read');
    const wider = await client.token({
      grant_type: 'refresh_token',
      refresh_token: named.refresh_token,
      scope: 'mcp:read mcp:call',
    });
    expect(await wider.json()).toMatchObject({ error: 'invalid_scope' });
  });

  it('is told by whom when the person denies', async () => {
    const client = await register();
    const { url, redirectUri } = client.authorization({ resource: server.resource(), state: 'xyz' });
    const browser = new Browser();
    const signIn = shown(await browser.open(url));
    const approval = shown(
      await browser.press(signIn, 'Sign in', { values: { Email: ADMIN.email, Password: ADMIN.password } }),
    );
    const redirect = left(await browser.press(approval, 'Deny', { until: redirectUri }));
    expect(Object.fromEntries(redirect.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'xyz',
      iss: server.origin,
    });
  });

  it('is refused without a page if it wants none and nobody is signed in', async () => {
    const client = await register();
    const { url, redirectUri } = client.authorization({ resource: server.resource(), prompt: 'none' });
    const redirect = left(await new Browser().open(url, redirectUri));
    expect(redirect.searchParams.get('error')).toBe('login_required');
    expect(redirect.searchParams.get('iss')).toBe(server.origin);
  });
});

describe('an approval', () => {
  it('is remembered for the same client, server, scopes and redirect on any loopback port', async () => {
    const client = await register();
    const browser = new Browser();
    const resource = server.resource();
    await approve(browser, client.authorization({ resource }), ADMIN);
    const again = client.authorization({ resource, redirect_uri: 'http://127.0.0.1:50123/callback' });
    const redirect = left(await browser.open(again.url, again.redirectUri));
    expect(decodeJwt((await client.exchange(redirect, again)).access_token)).toMatchObject({ aud: resource });
    for (const other of [
      client.authorization({ resource: server.resource('other') }),
      client.authorization({ resource, prompt: 'consent' }),
      (await register()).authorization({ resource }),
    ])
      expect(shown(await browser.open(other.url, other.redirectUri)).html).toContain('>Approve</button>');
  });

  it('covers fewer scopes, but not more', async () => {
    const client = await register();
    const browser = new Browser();
    const resource = server.resource();
    await approve(browser, client.authorization({ resource, scope: 'mcp:read' }), ADMIN);
    const more = client.authorization({ resource, scope: 'mcp:read mcp:call' });
    expect(shown(await browser.open(more.url, more.redirectUri)).html).toContain('>Approve</button>');
    const same = client.authorization({ resource, scope: 'mcp:read' });
    expect(left(await browser.open(same.url, same.redirectUri)).searchParams.get('code')).not.toBeNull();
  });

  it('makes a grant of its own each time, so that ending one leaves the others', async () => {
    const client = await register();
    const browser = new Browser();
    const tokens = [];
    for (let i = 0; i < 2; i += 1) {
      const request = client.authorization({ resource: server.resource() });
      tokens.push(await client.exchange(await approve(browser, request, ADMIN), request));
    }
    const [first, second] = tokens.map(({ refresh_token }) => refresh_token) as [string, string];
    expect((await client.revoke(first)).status).toBe(200);
    const dead = await client.token({ grant_type: 'refresh_token', refresh_token: first });
    expect(await dead.json()).toMatchObject({ error: 'invalid_grant' });
    await expect(client.refresh(second)).resolves.toBeDefined();
  });

  it('no longer helps once the person may not use the server', async () => {
    const client = await register();
    const browser = new Browser();
    const resource = server.resource('closing');
    await approve(browser, client.authorization({ resource }), ADMIN);
    server.forbidden.add('closing');
    const again = client.authorization({ resource });
    expect(shown(await browser.open(again.url, again.redirectUri)).status).toBe(403);
  });
});

describe('people', () => {
  it('of another organisation must sign in for this one', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('acme') ON CONFLICT DO NOTHING");
    const person = await addPerson(server, { tenant: 'acme' });
    const client = await register();
    const browser = new Browser();
    await approve(browser, client.authorization({ resource: server.resource() }), ADMIN);
    const request = client.authorization({ resource: server.resource('everything', 'acme') });
    const page = shown(await browser.open(request.url, request.redirectUri));
    expect(page.html).toContain('>Sign in</button>');
    const refused = await browser.press(page, 'Sign in', {
      values: { Email: ADMIN.email, Password: ADMIN.password },
    });
    expect(shown(refused).status).toBe(401);
    const redirect = await approve(browser, request, person);
    const { access_token } = await client.exchange(redirect, request);
    expect(decodeJwt(access_token)).toMatchObject({ tenant: 'acme', sub: person.id });
  });

  it('with one e-mail and password in two organisations choose one for the admin API', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('twin') ON CONFLICT DO NOTHING");
    const person = await addPerson(server);
    await addPerson(server, { tenant: 'twin', email: person.email, password: person.password });
    const client = await register();
    const { url, ...request } = client.authorization({ resource: `${server.origin}/api/v1` });
    const browser = new Browser();
    const values = { Email: person.email, Password: person.password };
    const choice = shown(await browser.press(shown(await browser.open(url)), 'Sign in', { values }));
    expect(choice.html).toMatch(/<option>demo<\/option>\s*<option>twin<\/option>/);
    const approval = await browser.press(choice, 'Sign in', { values: { ...values, Organisation: 'twin' } });
    const redirect = await browser.press(shown(approval), 'Approve', { until: request.redirectUri });
    const { access_token } = await client.exchange(left(redirect), { url, ...request });
    expect(decodeJwt(access_token)).toMatchObject({ tenant: 'twin', scope: 'api' });
  });

  it('who are suspended can neither refresh nor go on with their session', async () => {
    const person = await addPerson(server);
    const client = await register();
    const browser = new Browser();
    const request = client.authorization({ resource: server.resource() });
    const tokens = await client.exchange(await approve(browser, request, person), request);
    await server.sql('UPDATE person SET suspended = true WHERE id = $1', [person.id]);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect(await (await client.token(refresh)).json()).toMatchObject({ error: 'invalid_grant' });
    const page = shown(await browser.open(client.authorization({ resource: server.resource() }).url));
    expect(page.html).toContain('>Sign in</button>');
  });
});
