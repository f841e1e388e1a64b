import { changeServiceAccount } from '@gatehouse/contracts';
import { decodeJwt } from 'jose';
import { startAuth, type AuthServer } from '../../../test/auth-server.js';
import { addServiceAccount } from '../../../test/machines.js';

interface Client {
  readonly id: string;
  readonly secret: string;
}

let server: AuthServer;
let client: Client;
let stranger: Client;
let open: Client;
beforeAll(async () => {
  server = await startAuth();
  await server.sql("INSERT INTO tenant (name) VALUES ('other')");
  client = await newClient('client_secret_basic');
  stranger = await newClient('client_secret_basic');
  open = await newClient('none');
  await addServiceAccount(server, { clients: [client.id, open.id], roles: ['admin'] });
});
afterAll(() => server.close());

async function newClient(token_endpoint_auth_method: string): Promise<Client> {
  const response = await fetch(server.metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ client_name: 'Nightly', redirect_uris: ['https://a.example/cb'], token_endpoint_auth_method },
    }),
  });
  const { client_id = '', client_secret = '' } = (await response.json()) as Record<string, string>;
  return { id: client_id, secret: client_secret };
}

const ask = (by: Client, parameters: Record<string, string> = {}) =>
  fetch(server.metadata.token_endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(by.secret === '' ? {} : { authorization: `Basic ${btoa(`${by.id}:${by.secret}`)}` }),
    },
    body: new URLSearchParams({
      ...{ grant_type: 'client_credentials', resource: server.resource() },
      ...(by.secret === '' ? { client_id: by.id } : {}),
      ...parameters,
    }),
  });

async function refusal(response: Response): Promise<unknown[]> {
  const { error } = (await response.json()) as { error?: string };
  return [response.status, error];
}
const unauthorized = [400, 'unauthorized_client'];

describe('client credentials', () => {
  it('give a client a token of the service account to which it is bound, and no refresh token', async () => {
    const response = await ask(client);
    expect(response.status).toBe(200);
    const body = (await response.json()) as { access_token: string };
    expect(body).toEqual({
      ...{ access_token: expect.any(String) as unknown, token_type: 'Bearer', expires_in: 600 },
      scope: 'mcp:read mcp:call',
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      ...{ name: 'ci', subject_type: 'service-account', tenant: 'demo', client_id: client.id, gen: 0 },
      aud: server.resource(),
    });
  });

  it('give no more than is asked for, and no more than there is', async () => {
    const { scope } = (await (await ask(client, { scope: 'mcp:read admin' })).json()) as { scope: string };
    expect(scope).toBe('mcp:read');
    expect(await refusal(await ask(client, { scope: 'admin' }))).toEqual([400, 'invalid_scope']);
  });

  it('open the admin API to an account that administers', async () => {
    const response = await ask(client, { resource: `${server.origin}/api/v1`, audience: 'demo' });
    const { access_token } = (await response.json()) as { access_token: string };
    expect(decodeJwt(access_token)).toMatchObject({ scope: 'api', admin: true });
  });

  it('are told of in the metadata', () => {
    const supported = expect.arrayContaining(['client_credentials']) as unknown;
    expect(server.metadata).toMatchObject({ grant_types_supported: supported });
  });

  it('are worth nothing to a client that is bound to none, that has no secret, or whose secret is wrong', async () => {
    expect(await refusal(await ask(stranger))).toEqual(unauthorized);
    expect(await refusal(await ask(open))).toEqual(unauthorized);
    expect(await refusal(await ask({ ...client, secret: 'wrong' }))).toEqual([401, 'invalid_client']);
  });

  it('are worth nothing in another tenant, whether there is one or not', async () => {
    for (const tenant of ['other', 'no-such-tenant'])
      expect(await refusal(await ask(client, { resource: server.resource('x', tenant) }))).toEqual(
        unauthorized,
      );
  });

  it('bind a client to one account of a tenant', async () => {
    await expect(addServiceAccount(server, { name: 'second', clients: [client.id] })).rejects.toMatchObject({
      code: 'auth.client_bound',
    });
  });

  it('end with the account', async () => {
    const change = (suspended: boolean) =>
      server.connect('console').request(changeServiceAccount, {
        ...{ tenant: 'demo', name: 'ci', by: 'admin-id', changes: { suspended } },
      });
    await change(true);
    expect(await refusal(await ask(client))).toEqual(unauthorized);
    await change(false);
    expect((await ask(client)).status).toBe(200);
  });
});
