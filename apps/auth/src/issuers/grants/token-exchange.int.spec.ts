import { deleteIssuer, listKeys } from '@gatehouse/contracts';
import { JwtIssuer, OAuthClient } from '@gatehouse/testing';
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { addPerson, startAuth, type AuthServer } from '../../../test/auth-server.js';
import { addServiceAccount, AUDIENCE, registerIssuer } from '../../../test/machines.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPE = 'urn:ietf:params:oauth:token-type:';

let server: AuthServer;
let issuer: JwtIssuer;
beforeAll(async () => {
  server = await startAuth({ GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8' });
  await server.sql("INSERT INTO tenant (name) VALUES ('other')");
  await server.sql("INSERT INTO team (tenant, name) VALUES ('demo', 'build')");
  await addServiceAccount(server, { teams: ['build'] });
  await addServiceAccount(server, { name: 'root', roles: ['admin'] });
});
beforeEach(async () => {
  issuer = await JwtIssuer.start();
  await registerIssuer(server, issuer);
});
afterEach(() => issuer.close());
afterAll(() => server.close());

const sign = (claims: JWTPayload = {}) => issuer.sign({ sub: 'runner', aud: AUDIENCE, ...claims });

/** An exchange as a workload makes it: without a client, unless parameters or headers name one. */
async function exchange(parameters: Record<string, string | undefined> = {}, headers = {}) {
  const all = {
    grant_type: EXCHANGE,
    subject_token: await sign(),
    subject_token_type: `${TYPE}jwt`,
    resource: server.resource(),
    ...parameters,
  };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return fetch(server.metadata.token_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(given),
  });
}

interface Issued {
  access_token: string;
  scope: string;
}

async function verified(response: Response, audience = server.resource()) {
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toContain('no-store');
  const issued = (await response.json()) as Issued;
  const { keys } = await server.connect('edge').request(listKeys, {});
  const options = { issuer: server.origin, audience, typ: 'at+jwt', algorithms: ['ES256'] };
  const { payload } = await jwtVerify(issued.access_token, createLocalJWKSet({ keys }), options);
  return { issued, payload };
}

async function refusal(response: Response): Promise<unknown[]> {
  const { error } = (await response.json()) as { error?: string };
  return [response.status, error];
}

describe('token exchange', () => {
  it('gives a workload an access token of its service account, for ten minutes, and no refresh token', async () => {
    const { issued, payload } = await verified(await exchange());
    expect(issued).toEqual({
      access_token: expect.any(String) as unknown,
      issued_token_type: `${TYPE}access_token`,
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'mcp:read mcp:call',
    });
    const [{ id: gid } = { id: '' }] = await server.sql<{ id: string }>('SELECT id FROM issuer');
    const [{ id: sub } = { id: '' }] = await server.sql<{ id: string }>(
      "SELECT id FROM service_account WHERE name = 'ci'",
    );
    expect(payload).toMatchObject({
      ...{ sub, gid, gen: 0, tenant: 'demo', name: 'ci', teams: ['build'] },
      ...{ subject_type: 'service-account', client_id: 'gatehouse-workload', client_name: 'Workload' },
      scope: 'mcp:read mcp:call',
    });
    expect(payload).not.toHaveProperty('admin');
  });

  it('gives a person’s token where the issuer speaks for people', async () => {
    const person = await addPerson(server, { teams: ['build'] });
    await registerIssuer(server, issuer, { person: { match: 'email' } });
    const subject_token = await sign({ sub: 'x', email: person.email, email_verified: true });
    const { payload } = await verified(
      await exchange({ subject_token, subject_token_type: `${TYPE}id_token` }),
    );
    expect(payload).toMatchObject({ sub: person.id, name: person.email, teams: ['build'] });
    expect(payload).not.toHaveProperty('subject_type');
  });

  it('gives the scopes asked for, of those that the resource has', async () => {
    const scopes = async (scope: string) => ((await (await exchange({ scope })).json()) as Issued).scope;
    expect(await scopes('mcp:read')).toBe('mcp:read');
    expect(await scopes('mcp:call admin openid')).toBe('mcp:call');
    expect(await scopes('mcp:call mcp:no-such')).toBe('mcp:call');
    expect(await refusal(await exchange({ scope: 'admin' }))).toEqual([400, 'invalid_scope']);
  });

  it('may be made by a registered client, which its token then names', async () => {
    const client = await OAuthClient.register(server.metadata);
    const { payload } = await verified(await exchange({ client_id: client.clientId }));
    expect(payload).toMatchObject({ client_id: client.clientId, client_name: 'Test client' });
  });

  it('is refused to a client that the tenant has blocked', async () => {
    const { clientId } = await OAuthClient.register(server.metadata);
    await server.sql("INSERT INTO blocked_client (tenant, client, blocked) VALUES ('demo', $1, now())", [
      clientId,
    ]);
    expect(await refusal(await exchange({ client_id: clientId }))).toEqual([400, 'unauthorized_client']);
  });

  it.each([
    ['a client that is unknown', { client_id: 'nobody' }, {}],
    ['a client with a secret that is wrong', {}, { authorization: 'Basic bm9ib2R5Ong=' }],
  ])('is refused to %s', async (_what, parameters, headers) => {
    expect(await refusal(await exchange(parameters, headers))).toEqual([401, 'invalid_client']);
  });

  it('is all that the workloads’ client can do', async () => {
    const client_id = 'gatehouse-workload';
    for (const grant_type of ['authorization_code', 'refresh_token'])
      expect(await refusal(await exchange({ grant_type, client_id, code: 'x', refresh_token: 'x' }))).toEqual(
        [400, 'invalid_request'],
      );
    const url = new URL(server.metadata.authorization_endpoint);
    url.search = String(
      new URLSearchParams({
        client_id,
        response_type: 'code',
        resource: server.resource(),
        redirect_uri: 'https://a.b',
      }),
    );
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['no subject token', { subject_token: undefined }, 'invalid_request'],
    ['one that is no JWT', { subject_token: 'nonsense' }, 'invalid_request'],
    ['a kind of token that we do not take', { subject_token_type: `${TYPE}saml2` }, 'invalid_request'],
    ['our own refresh token', { subject_token_type: `${TYPE}refresh_token` }, 'invalid_request'],
    ['an actor', { actor_token: 'x' }, 'invalid_request'],
    ['another kind to be issued', { requested_token_type: `${TYPE}refresh_token` }, 'invalid_request'],
    ['no resource', { resource: undefined }, 'invalid_target'],
    ['a resource elsewhere', { resource: 'https://elsewhere.example/demo/mcp/x/server' }, 'invalid_target'],
    ['a resource that is none', { resource: 'nonsense' }, 'invalid_target'],
    ['the admin API of nobody', { resource: 'API' }, 'invalid_target'],
  ])('is refused with %s', async (_what, parameters, code) => {
    const api = { resource: `${server.origin}/api/v1` };
    const given = parameters['resource'] === 'API' ? api : parameters;
    expect(await refusal(await exchange(given))).toEqual([400, code]);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['has expired', () => sign({ iat: 1, exp: 2 }), /expired/],
    ['is for another audience', () => sign({ aud: 'x' }), /"aud"/],
    ['fits no rule', () => sign({ sub: 'x' }), /no rule fits/],
  ])('tells a workload why its token is refused: it %s', async (_what, subjectToken, reason) => {
    const response = await exchange({ subject_token: await subjectToken() });
    expect(response.status).toBe(400);
    const answer = (await response.json()) as { error: string; error_description: string };
    expect(answer.error).toBe('invalid_request');
    expect(answer.error_description).toMatch(reason);
  });

  it('tells a stranger neither which tenants there are nor which issuers', async () => {
    const answers: unknown[] = [];
    for (const [claims, tenant] of [
      [{}, 'other'],
      [{}, 'no-such-tenant'],
      [{ iss: 'https://nobody.example' }, 'demo'],
    ] as const) {
      const resource = server.resource('everything', tenant);
      answers.push(await (await exchange({ subject_token: await sign(claims), resource })).json());
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('waits for an issuer that is down: 503, and never a word against the token', async () => {
    issuer.instead = (_, response) => response.writeHead(500).end();
    const response = await exchange();
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(response)).toEqual([503, 'temporarily_unavailable']);
  });

  it('waits for our own database likewise', async () => {
    server.databaseSwitch.cut();
    try {
      expect(await refusal(await exchange())).toEqual([503, 'temporarily_unavailable']);
    } finally {
      server.databaseSwitch.mend();
    }
  });

  it('opens the admin API to service accounts, in the tenant that is named', async () => {
    const resource = `${server.origin}/api/v1`;
    await registerIssuer(server, issuer, {
      person: { match: 'external_id' },
      rules: [
        { claims: { sub: 'runner' }, service_account: 'ci' },
        { claims: { sub: 'operator' }, service_account: 'root' },
      ],
    });
    const asked = { resource, audience: 'demo' };
    const api = async (sub: string) => exchange({ ...asked, subject_token: await sign({ sub }) });
    expect((await verified(await api('runner'), resource)).payload).toMatchObject({
      scope: 'api',
      admin: false,
    });
    expect((await verified(await api('operator'), resource)).payload).toMatchObject({ admin: true });
    expect(await refusal(await exchange({ ...asked, audience: 'other' }))).toEqual([400, 'invalid_request']);

    const person = await addPerson(server);
    await server.sql('UPDATE person SET external_id = $2, admin = true WHERE id = $1', [
      person.id,
      person.id,
    ]);
    expect(await refusal(await api(person.id))).toEqual([400, 'invalid_target']);
  });

  it('gives tokens that end when the registration is replaced, and new ones that do not', async () => {
    const { payload: before } = await verified(await exchange());
    await registerIssuer(server, issuer, { audiences: [AUDIENCE, 'another'] });
    await server.toldEndOf('grant', before['gid']);
    const { payload: after } = await verified(await exchange());
    expect(after['gid']).not.toBe(before['gid']);
  });

  it('gives tokens that end with the issuer’s registration', async () => {
    const { payload } = await verified(await exchange());
    await server.connect('console').request(deleteIssuer, { tenant: 'demo', name: 'issuer', by: 'admin-id' });
    const ended = await server.toldEndOf('grant', payload['gid']);
    expect(ended.before).toBeGreaterThanOrEqual(payload.iat ?? Infinity);
    expect(await refusal(await exchange())).toEqual([400, 'invalid_request']);
  });
});
