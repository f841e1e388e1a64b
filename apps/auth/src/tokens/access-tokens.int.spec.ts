import { approve, Browser, OAuthClient, type Tokens } from '@gatehouse/testing';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import { addServiceAccount } from '../../test/machines.js';
import { addPerson, ADMIN, startAuth, type AuthServer, type TestPerson } from '../../test/auth-server.js';

let server: AuthServer;
let mine: Confidential;
let other: Confidential;
beforeAll(async () => {
  server = await startAuth();
  mine = await Confidential.register();
  other = await Confidential.register();
});
afterAll(() => server.close());

/** A client with a secret. */
class Confidential {
  private constructor(
    readonly id: string,
    private readonly secret: string,
    private readonly client: OAuthClient,
  ) {}

  static async register(): Promise<Confidential> {
    const redirect_uris = ['http://127.0.0.1/callback'];
    const response = await fetch(server.metadata.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris, token_endpoint_auth_method: 'client_secret_post' }),
    });
    const { client_id: id, client_secret } = (await response.json()) as Record<string, string>;
    const [redirectUri] = redirect_uris;
    const client = OAuthClient.known(
      server.metadata,
      id ?? '',
      redirectUri === undefined ? {} : { redirectUri },
    );
    return new Confidential(id ?? '', client_secret ?? '', client);
  }

  async signIn(person: { email: string; password: string } = ADMIN): Promise<Tokens> {
    const request = this.client.authorization({ resource: server.resource() });
    const redirect = await approve(new Browser(), request, person);
    const response = await this.post('/token', {
      grant_type: 'authorization_code',
      code: redirect.searchParams.get('code') ?? '',
      code_verifier: request.verifier,
      redirect_uri: request.redirectUri,
    });
    return (await response.json()) as Tokens;
  }

  post(path: string, form: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ client_id: this.id, client_secret: this.secret, ...form });
    return fetch(server.origin + path, { method: 'POST', body });
  }

  async introspect(token: string): Promise<unknown> {
    const response = await this.post('/introspect', { token });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toContain('no-store');
    return response.json();
  }
}

const INACTIVE = { active: false };

describe('introspection', () => {
  it('describes a client its own tokens', async () => {
    const tokens = await mine.signIn();
    const claims = decodeJwt(tokens.access_token);
    expect(await mine.introspect(tokens.access_token)).toEqual({
      active: true,
      token_type: 'Bearer',
      client_id: mine.id,
      username: ADMIN.email,
      iss: server.origin,
      aud: server.resource(),
      scope: 'mcp:read mcp:call',
      sub: claims.sub,
      jti: claims.jti,
      iat: claims.iat,
      exp: claims.exp,
    });
    const refresh = await mine.introspect(tokens.refresh_token);
    expect(refresh).toMatchObject({ active: true, client_id: mine.id, sub: claims.sub });
  });

  it("tells nothing of another client's tokens, nor of what is no token", async () => {
    const { access_token, refresh_token } = await mine.signIn();
    for (const token of [access_token, refresh_token, 'nonsense', `${access_token}x`])
      expect(await other.introspect(token)).toEqual(INACTIVE);
    expect(await mine.introspect(await forge(access_token))).toEqual(INACTIVE);
  });

  it('is for clients that prove who they are', async () => {
    const { access_token } = await mine.signIn();
    const stranger = await fetch(`${server.origin}/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token: access_token, client_id: mine.id, client_secret: 'wrong' }),
    });
    expect(stranger.status).toBe(401);
    const open = await OAuthClient.register(server.metadata);
    const request = open.authorization({ resource: server.resource() });
    const theirs = await open.exchange(await approve(new Browser(), request, ADMIN), request);
    for (const token of [theirs.access_token, theirs.refresh_token]) {
      const body = new URLSearchParams({ token, client_id: open.clientId });
      const response = await fetch(`${server.origin}/introspect`, { method: 'POST', body });
      expect(await response.json()).toEqual(INACTIVE);
    }
  });

  it.each<[string, (person: TestPerson) => Promise<unknown>]>([
    ['is suspended', ({ id }) => server.sql('UPDATE person SET suspended = true WHERE id = $1', [id])],
    [
      'lost access',
      ({ id }) => server.sql('UPDATE person SET generation = generation + 1 WHERE id = $1', [id]),
    ],
  ])('finds a token ended when its person %s', async (_what, change) => {
    const person = await addPerson(server);
    const { access_token } = await mine.signIn(person);
    expect(await mine.introspect(access_token)).toMatchObject({ active: true });
    await change(person);
    expect(await mine.introspect(access_token)).toEqual(INACTIVE);
  });
});

it("introspection knows a service account's token, until the account is suspended", async () => {
  await addServiceAccount(server, { name: 'nightly', clients: [mine.id] });
  const granted = await mine.post('/token', {
    grant_type: 'client_credentials',
    resource: server.resource(),
  });
  const { access_token } = (await granted.json()) as Tokens;
  expect(await mine.introspect(access_token)).toMatchObject({ active: true, username: 'nightly' });
  expect(await other.introspect(access_token)).toEqual(INACTIVE);
  await server.sql("UPDATE service_account SET suspended = true WHERE name = 'nightly'");
  expect(await mine.introspect(access_token)).toEqual(INACTIVE);
});

describe('revocation', () => {
  it('of an access token ends it on every edge, and its refresh token lives on', async () => {
    const { access_token, refresh_token } = await mine.signIn();
    const response = await mine.post('/revoke', { token: access_token });
    expect([response.status, await response.text()]).toEqual([200, '']);
    const { jti, iat = Infinity } = decodeJwt(access_token);
    expect((await server.toldEndOf('token', jti)).before).toBeGreaterThanOrEqual(iat);
    expect(await mine.introspect(access_token)).toEqual(INACTIVE);
    const refreshed = await mine.post('/token', { grant_type: 'refresh_token', refresh_token });
    expect(refreshed.status).toBe(200);
  });

  it('of a refresh token ends its access tokens too', async () => {
    const { access_token, refresh_token } = await mine.signIn();
    expect((await mine.post('/revoke', { token: refresh_token })).status).toBe(200);
    await server.toldEndOf('grant', decodeJwt(access_token)['gid']);
    expect(await mine.introspect(access_token)).toEqual(INACTIVE);
  });

  it("of another client's tokens has no effect, and says nothing about it", async () => {
    const { access_token, refresh_token } = await mine.signIn();
    for (const token of [access_token, refresh_token, 'nonsense']) {
      const response = await other.post('/revoke', { token });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(await mine.introspect(access_token)).toMatchObject({ active: true });
    expect(await mine.introspect(refresh_token)).toMatchObject({ active: true });
  });

  it('is not the fault of the token when our database is away', async () => {
    const { access_token } = await mine.signIn();
    server.databaseSwitch.cut();
    try {
      for (const path of ['/revoke', '/introspect']) {
        const response = await mine.post(path, { token: access_token });
        expect(response.status).toBe(503);
        expect(response.headers.get('retry-after')).not.toBeNull();
        expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
      }
    } finally {
      server.databaseSwitch.mend();
    }
  });
});

/** The same claims, signed by somebody else under the same key id. */
async function forge(token: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  return new SignJWT(decodeJwt(token))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
    .sign(privateKey);
}
