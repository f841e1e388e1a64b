import { OAuthClient, approve, Browser } from '@gatehouse/testing';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

function register(body: string, type = 'application/json'): Promise<Response> {
  return fetch(server.metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
}

const count = async () => (await server.sql('SELECT 1 FROM client')).length;

it('Cursor registers three kinds of redirect at once and gets them back', async () => {
  const redirect_uris = [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8787/callback',
  ];
  const response = await register(
    JSON.stringify({ client_name: 'Cursor', redirect_uris, token_endpoint_auth_method: 'none' }),
  );
  expect(response.status).toBe(201);
  expect(response.headers.get('cache-control')).toContain('no-store');
  const client = (await response.json()) as Record<string, unknown>;
  expect(client).toMatchObject({ redirect_uris, client_name: 'Cursor', token_endpoint_auth_method: 'none' });
  expect(client).not.toHaveProperty('client_secret');
  expect(client['client_id']).toMatch(/^[\w-]{22}$/);
});

const WEB = { redirect_uris: ['https://a.example/cb'] };
const PRIVATE_KEY = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' };

it.each([
  ['too much', JSON.stringify({ ...WEB, x: 'x'.repeat(1_000_000) })],
  ['nothing', 'null'],
  ['a list', '[]'],
  ['no JSON', 'redirect_uris=x'],
  [
    '1,000 redirects',
    JSON.stringify({ redirect_uris: Array.from({ length: 1_000 }, (_, i) => `https://a.example/${i}`) }),
  ],
  ['a dangerous redirect', JSON.stringify({ redirect_uris: ['javascript:alert(1)'] })],
  ['a name of 10,000 characters', JSON.stringify({ ...WEB, client_name: 'x'.repeat(10_000) })],
  ['a prototype', '{"redirect_uris":["https://a.example/cb"],"__proto__":{"admin":true}}'],
  ['a private key', JSON.stringify({ ...WEB, jwks: { keys: [PRIVATE_KEY] } })],
  [
    'keys to sign with',
    JSON.stringify({
      ...WEB,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://a.example/k',
    }),
  ],
])('a body with %s is refused, and nothing is stored', async (_what, body) => {
  const before = await count();
  const response = await register(body);
  expect([400, 413]).toContain(response.status);
  expect(await response.json()).toHaveProperty('error');
  expect(await count()).toBe(before);
});

it('members that mean nothing here are not kept, since real clients send many', async () => {
  const more = {
    software_id: 'x',
    code_challenge_method: 'S256',
    scope: 'admin',
    grant_id: 'x',
    tenant: 'demo',
  };
  const response = await register(
    JSON.stringify({ ...WEB, ...more, client_id: 'mine', client_secret: 'mine' }),
  );
  expect(response.status).toBe(201);
  const { client_id } = (await response.json()) as { client_id: string };
  expect(client_id).not.toBe('mine');
  const [row] = await server.sql<{ metadata: object; tenant: string | null }>(
    'SELECT metadata, tenant FROM client WHERE id = $1',
    [client_id],
  );
  expect(row?.tenant).toBeNull();
  for (const member of Object.keys(more)) expect(row?.metadata).not.toHaveProperty(member);
});

it('a registration can be neither read nor changed afterwards, so that there is no token to steal', async () => {
  const body = (await (await register(JSON.stringify(WEB))).json()) as { client_id: string };
  expect(body).not.toHaveProperty('registration_access_token');
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const url = `${server.metadata.registration_endpoint}/${body.client_id}`;
    const response = await fetch(url, { method, headers: { authorization: 'Bearer x' } });
    expect([401, 404]).toContain(response.status);
  }
  expect(await server.sql('SELECT 1 FROM client WHERE id = $1', [body.client_id])).toHaveLength(1);
});

it.each(['client_secret_basic', 'client_secret_post'])(
  'a confidential client authenticates by %s',
  async (method) => {
    const response = await register(
      JSON.stringify({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: method }),
    );
    const { client_id, client_secret } = (await response.json()) as {
      client_id: string;
      client_secret: string;
    };
    const [row] = await server.sql<{ text: string }>(
      'SELECT metadata::text AS text FROM client WHERE id = $1',
      [client_id],
    );
    expect(row?.text).not.toContain(client_secret);
    const ask = (secret: string) => {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id });
      if (method === 'client_secret_post') body.set('client_secret', secret);
      const basic = `Basic ${Buffer.from(`${client_id}:${secret}`).toString('base64')}`;
      const headers = method === 'client_secret_basic' ? { authorization: basic } : undefined;
      return fetch(server.metadata.token_endpoint, { method: 'POST', body, ...(headers ? { headers } : {}) });
    };
    expect(await (await ask(client_secret)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await ask(`${client_secret}x`)).status).toBe(401);
    const stored = /"client_secret": "([^"]+)"/.exec(row?.text ?? '')?.[1] ?? '';
    expect(stored).not.toBe('');
    expect((await ask(stored)).status).toBe(401);
  },
);

it('a client without application_type may use any loopback port', async () => {
  const client = await OAuthClient.register(server.metadata, {
    registration: { redirect_uris: ['http://localhost:7777/oauth/callback'] },
  });
  const redirect_uri = 'http://localhost:45678/oauth/callback';
  const request = client.authorization({ resource: server.resource(), redirect_uri });
  expect((await approve(new Browser(), request, ADMIN)).port).toBe('45678');
});

describe('registrations', () => {
  const anyOf = (replica: AuthServer) =>
    fetch(replica.metadata.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(WEB),
    });

  it('from one address are limited, by all replicas together', async () => {
    const first = await startAuth({ AUTH_REGISTRATIONS_PER_ADDRESS: '4' });
    const second = await startAuth({
      AUTH_REGISTRATIONS_PER_ADDRESS: '4',
      DATABASE_URL: first.databaseSwitch.url,
    });
    try {
      const statuses = [];
      for (const replica of [first, second, first, second, first, second])
        statuses.push((await anyOf(replica)).status);
      expect(statuses).toEqual([201, 201, 201, 201, 429, 429]);
      expect(Number((await anyOf(second)).headers.get('retry-after'))).toBeGreaterThan(3_000);
    } finally {
      await second.close();
      await first.close();
    }
  });

  it('that nobody used are kept up to a number, the latest of them; those in use stay', async () => {
    const small = await startAuth({ AUTH_UNUSED_CLIENTS: '3' });
    try {
      const used = await OAuthClient.register(small.metadata);
      const request = used.authorization({ resource: small.resource() });
      await used.exchange(await approve(new Browser(), request, ADMIN), request);
      const made = [];
      for (let i = 0; i < 5; i += 1)
        made.push(((await (await anyOf(small)).json()) as { client_id: string }).client_id);
      const kept = await small.sql<{ id: string }>('SELECT id FROM client');
      expect(kept.map(({ id }) => id).sort()).toEqual([used.clientId, ...made.slice(2)].sort());
    } finally {
      await small.close();
    }
  });
});
