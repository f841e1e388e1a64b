import { startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

const KINDS = ['oauth-authorization-server', 'openid-configuration'];
const SERVER = '/demo/mcp/everything/server';
const ADDRESSES = KINDS.flatMap((kind) => [
  `/.well-known/${kind}`,
  `/.well-known/${kind}${SERVER}`,
  `/.well-known/${kind}/nobody/mcp/nothing/server`,
  `${SERVER}/.well-known/${kind}`,
]);

describe('the metadata of the authorization server', () => {
  it.each(ADDRESSES)('is the same at %s', async (path) => {
    const response = await fetch(`${server.origin}${path}?x=1`, {
      headers: { 'mcp-protocol-version': '2024-11-05', accept: '*/*' },
    });
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual(server.metadata);
    expect(server.metadata.issuer).toBe(server.origin);
  });

  it.each(ADDRESSES)('has its head alone read at %s', async (path) => {
    const response = await fetch(`${server.origin}${path}`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it.each(ADDRESSES)('may be read by a page of any other origin at %s', async (path) => {
    const headers = {
      origin: 'https://inspector.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'mcp-protocol-version',
    };
    const preflight = await fetch(`${server.origin}${path}`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('GET');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/mcp-protocol-version|\*/);
    const { origin } = headers;
    const response = await fetch(`${server.origin}${path}`, { headers: { origin } });
    expect([origin, '*']).toContain(response.headers.get('access-control-allow-origin'));
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(
    KINDS.flatMap((kind) => [
      `/.well-known/${kind}/demo/mcp/everything/key`,
      `/demo/mcp/everything/key/.well-known/${kind}`,
      `/.well-known/${kind}/demo/mcp/everything`,
      `/.well-known/${kind}/demo/mcp/EVERYTHING/server`,
      `/demo/.well-known/${kind}`,
    ]),
  )('is not at %s', async (path) => {
    expect((await fetch(`${server.origin}${path}`)).status).toBe(404);
  });
});
