import { OAuthClient, approve, Browser } from '@gatehouse/testing';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth({ AUTH_REGISTRATIONS_PER_ADDRESS: '60' });
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

it.each([
  ['too much', JSON.stringify({ redirect_uris: ['https://a.example/cb'], x: 'x'.repeat(1_000_000) })],
  ['nothing', 'null'],
  ['a list', '[]'],
  ['no JSON', 'redirect_uris=x'],
  [
    '1,000 redirects',
    JSON.stringify({ redirect_uris: Array.from({ length: 1_000 }, (_, i) => `https://a.example/${i}`) }),
  ],
  ['a dangerous redirect', JSON.stringify({ redirect_uris: ['javascript:alert(1)'] })],
  [
    'an unsupported way to authenticate',
    JSON.stringify({
      redirect_uris: ['https://a.example/cb'],
      token_endpoint_auth_method: 'private_key_jwt',
    }),
  ],
])('a body with %s is refused, and nothing is stored', async (_what, body) => {
  const before = await count();
  const response = await register(body);
  expect([400, 413]).toContain(response.status);
  expect(await response.json()).toHaveProperty('error');
  expect(await count()).toBe(before);
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

it('registrations from one address are limited', async () => {
  const body = JSON.stringify({ redirect_uris: ['https://a.example/cb'] });
  let response = await register(body);
  for (let i = 0; i < 60 && response.status === 201; i += 1) response = await register(body);
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
});
