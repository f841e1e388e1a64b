import { JwtIssuer, OAuthClient } from '@gatehouse/testing';
import { decodeJwt, type JWTPayload } from 'jose';
import { addPerson, startAuth, type AuthServer, type TestPerson } from '../../../test/auth-server.js';
import { addServiceAccount, registerIssuer } from '../../../test/machines.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TYP = { typ: 'oauth-id-jag+jwt' };

interface Confidential {
  readonly id: string;
  readonly secret: string;
}

let server: AuthServer;
let issuer: JwtIssuer;
let client: Confidential;
let person: TestPerson;
beforeAll(async () => {
  server = await startAuth({ GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8' });
  issuer = await JwtIssuer.start();
  client = await confidentialClient();
  person = await addPerson(server);
  await server.sql('UPDATE person SET external_id = $2 WHERE id = $1', [person.id, 'okta-1']);
  await server.sql("INSERT INTO tenant (name) VALUES ('other')");
  await addServiceAccount(server);
});
beforeEach(() => register());
afterAll(async () => {
  await issuer.close();
  await server.close();
});

const register = (given: object = {}) =>
  registerIssuer(server, issuer, {
    ...{ uses: ['id_jag'], audiences: [], rules: [], person: { match: 'external_id' } },
    ...given,
  });

async function confidentialClient(): Promise<Confidential> {
  const response = await fetch(server.metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Enterprise IDE',
      redirect_uris: ['https://ide.example/callback'],
      token_endpoint_auth_method: 'client_secret_basic',
    }),
  });
  const { client_id, client_secret } = (await response.json()) as Record<string, string>;
  return { id: client_id ?? '', secret: client_secret ?? '' };
}

const assertion = (claims: JWTPayload = {}, header: object = TYP) =>
  issuer.sign(
    { sub: 'okta-1', aud: server.origin, client_id: client.id, resource: server.resource(), ...claims },
    { ...header },
  );

async function redeem(
  jwt: string,
  { by = client, ...parameters }: { by?: Confidential | null } & Record<string, unknown> = {},
) {
  const basic = by ? { authorization: `Basic ${btoa(`${by.id}:${by.secret}`)}` } : {};
  return fetch(server.metadata.token_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic },
    body: new URLSearchParams({ grant_type: JWT_BEARER, assertion: jwt, ...parameters } as Record<
      string,
      string
    >),
  });
}

async function refusal(response: Response): Promise<unknown[]> {
  const { error } = (await response.json()) as { error?: string };
  return [response.status, error];
}
const invalidGrant = [400, 'invalid_grant'];

async function issued(response: Response) {
  expect(response.status).toBe(200);
  return (await response.json()) as { access_token: string; scope: string };
}

describe('an identity assertion (ID-JAG)', () => {
  it('is told of in the metadata', () => {
    expect(server.metadata).toMatchObject({
      authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
      grant_types_supported: expect.arrayContaining([JWT_BEARER]) as unknown,
    });
  });

  it('gives its client an access token of its person, and no refresh token', async () => {
    const body = await issued(await redeem(await assertion()));
    expect(body).toEqual({
      ...{ access_token: expect.any(String) as unknown, token_type: 'Bearer', expires_in: 600 },
      scope: 'mcp:read mcp:call',
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      ...{ sub: person.id, name: person.email, tenant: 'demo', client_id: client.id },
      ...{ client_name: 'Enterprise IDE', aud: server.resource() },
    });
  });

  it('gives the scopes of the assertion, of the request and of the resource: those that are in all', async () => {
    const scope = async (claim: string | undefined, asked?: string) =>
      (await issued(await redeem(await assertion({ scope: claim }), asked ? { scope: asked } : {}))).scope;
    expect(await scope('mcp:read profile')).toBe('mcp:read');
    expect(await scope('mcp:read mcp:call', 'mcp:call')).toBe('mcp:call');
    expect(await scope(undefined, 'mcp:read')).toBe('mcp:read');
    expect(
      await refusal(await redeem(await assertion({ scope: 'mcp:read' }), { scope: 'mcp:call' })),
    ).toEqual([400, 'invalid_scope']);
  });

  it('may leave the resource to the request', async () => {
    const resource = server.resource('another');
    const body = await issued(await redeem(await assertion({ resource: undefined }), { resource }));
    expect(decodeJwt(body.access_token).aud).toBe(resource);
  });

  it('is good once, on all replicas together', async () => {
    const jwt = await assertion();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(jwt)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await refusal(await redeem(jwt))).toEqual(invalidGrant);
  });

  it.each<[string, () => Promise<string>]>([
    ['of an ordinary JWT', () => assertion({}, { typ: 'JWT' })],
    ['of no kind', () => assertion({}, { typ: undefined })],
    ['for another authorization server', () => assertion({ aud: 'https://elsewhere.example' })],
    ['for several of them', () => assertion({ aud: [server.origin, 'https://elsewhere.example'] })],
    ['for another client', () => assertion({ client_id: 'another' })],
    ['for no client', () => assertion({ client_id: undefined })],
    ['without an id', () => assertion({ jti: undefined })],
    ['without a date', () => assertion({ iat: undefined })],
    ['that has expired', () => assertion({ iat: 1, exp: 60 })],
    ['that lives for two hours', () => assertion({ exp: Math.floor(Date.now() / 1_000) + 7_200 })],
    ['from the future', () => assertion({ iat: Math.floor(Date.now() / 1_000) + 120 })],
    ['of nobody here', () => assertion({ sub: 'okta-2' })],
    ['of another issuer', () => assertion({ iss: 'https://elsewhere.example' })],
  ])('%s is refused', async (_what, jwt) => {
    expect(await refusal(await redeem(await jwt()))).toEqual(invalidGrant);
  });

  it('for one resource is refused for another, and for none of ours', async () => {
    const resource = server.resource('another');
    expect(await refusal(await redeem(await assertion(), { resource }))).toEqual(invalidGrant);
    expect(await refusal(await redeem(await assertion({ resource: 'https://elsewhere.example/' })))).toEqual([
      400,
      'invalid_target',
    ]);
    expect(await refusal(await redeem(await assertion({ resource: `${server.origin}/api/v1` })))).toEqual([
      400,
      'invalid_target',
    ]);
  });

  it('is nothing in another tenant', async () => {
    const resource = server.resource('everything', 'other');
    expect(await refusal(await redeem(await assertion({ resource })))).toEqual(invalidGrant);
  });

  it('is redeemed by a client that has authenticated, unless the registration lets others too', async () => {
    const { clientId } = await OAuthClient.register(server.metadata);
    const theirs = () => assertion({ client_id: clientId });
    const anonymous = { by: null, client_id: clientId };
    expect(await refusal(await redeem(await theirs(), anonymous))).toEqual(invalidGrant);
    await register({ allow_public_clients: true });
    await issued(await redeem(await theirs(), anonymous));
    const wrong = { by: { ...client, secret: 'wrong' } };
    expect(await refusal(await redeem(await assertion(), wrong))).toEqual([401, 'invalid_client']);
    expect(await refusal(await redeem(await assertion(), { by: null }))).toEqual([400, 'invalid_request']);
  });

  it('is refused where its issuer is registered for something else', async () => {
    await register({ uses: ['exchange'], audiences: [server.origin] });
    expect(await refusal(await redeem(await assertion()))).toEqual(invalidGrant);
  });

  it('that was refused leaves a security event', async () => {
    const sub = `replayer ${Date.now()}`;
    await server.sql('UPDATE person SET external_id = $2 WHERE id = $1', [person.id, sub]);
    const jwt = await assertion({ sub });
    await issued(await redeem(jwt));
    await redeem(jwt);
    await server.sql('UPDATE person SET external_id = $2 WHERE id = $1', [person.id, 'okta-1']);
    const events = await server.sql<{ detail: object }>(
      "SELECT detail FROM security_event WHERE kind = 'jwt.refused' AND detail->>'sub' = $1",
      [sub],
    );
    expect(events).toMatchObject([{ detail: { issuer: 'issuer', reason: 'it was used before' } }]);
  });

  it('is no reason to be sent away while its issuer is down', async () => {
    await register({ jwks_uri: 'http://127.0.0.1:9/keys' });
    expect(await refusal(await redeem(await assertion()))).toEqual([503, 'temporarily_unavailable']);
  });
});
