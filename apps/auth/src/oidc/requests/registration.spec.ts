import { normalizeRegistration } from './registration.js';

const CODE = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

/** Bodies as real clients send them: ../shared/reference/clients.md and client-traces. */
const BODIES = {
  'Cursor, three kinds of redirect at once': {
    client_name: 'Cursor',
    redirect_uris: [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ],
    ...CODE,
  },
  'Claude Code': {
    client_name: 'Claude Code (gw)',
    redirect_uris: ['http://localhost:3118/callback'],
    ...CODE,
    application_type: 'native',
    scope: 'mcp:tools offline_access',
  },
  'VS Code': {
    client_name: 'Visual Studio Code',
    redirect_uris: [
      'https://insiders.vscode.dev/redirect',
      'https://vscode.dev/redirect',
      'http://127.0.0.1/',
      'http://127.0.0.1:33418/',
    ],
    ...CODE,
    application_type: 'native',
  },
  'Codex CLI': {
    client_name: 'Codex',
    redirect_uris: ['http://127.0.0.1:50000/callback/AbCdEfGhIjkl'],
    ...CODE,
    application_type: 'native',
  },
  'Gemini CLI': {
    client_name: 'Gemini CLI MCP Client',
    redirect_uris: ['http://localhost:33485/oauth/callback'],
    ...CODE,
    scope: 'mcp:tools mcp:admin offline_access',
  },
  'OpenCode, no application_type': {
    redirect_uris: ['http://127.0.0.1:19876/mcp/oauth/callback'],
    client_name: 'OpenCode',
    client_uri: 'https://opencode.ai',
    ...CODE,
    scope: 'mcp:tools offline_access',
  },
  Cline: {
    client_name: 'Cline',
    redirect_uris: ['http://127.0.0.1:1456/mcp/oauth/callback'],
    ...CODE,
    scope: 'mcp:tools',
  },
  'MCP Inspector': {
    redirect_uris: ['http://127.0.0.1:6276/oauth/callback'],
    client_name: 'MCP Inspector',
    client_uri: 'https://github.com/modelcontextprotocol/inspector',
    ...CODE,
    scope: 'mcp:tools offline_access',
    application_type: 'native',
  },
  'mcp-remote': {
    redirect_uris: ['http://localhost:11463/oauth/callback'],
    client_name: 'MCP CLI Proxy',
    client_uri: 'https://github.com/modelcontextprotocol/mcp-cli',
    software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
    software_version: '0.15.1',
    ...CODE,
    scope: 'mcp:tools offline_access',
    application_type: 'native',
  },
  'IPv6 loopback': { client_name: 'x', redirect_uris: ['http://[::1]:4000/cb'], ...CODE },
};

describe('a registration', () => {
  it.each(Object.entries(BODIES))('of %s is taken as a native client', (_name, body) => {
    const result = normalizeRegistration(body);
    expect(result).toMatchObject({ ...CODE, application_type: 'native', redirect_uris: body.redirect_uris });
    expect(result).not.toHaveProperty('scope');
    expect(result).not.toHaveProperty('software_id');
  });

  it.each([
    ['claude.ai', 'https://claude.ai/api/mcp/auth_callback'],
    ['Antigravity', 'https://antigravity.google/oauth-callback'],
  ])('of %s, on the web, is taken as a web client', (client_name, uri) => {
    const result = normalizeRegistration({ client_name, redirect_uris: [uri], ...CODE });
    expect(result).toMatchObject({ application_type: 'web', client_name, redirect_uris: [uri] });
  });

  it('of a confidential client keeps its way to authenticate', () => {
    const body = {
      redirect_uris: ['https://a.example/cb'],
      token_endpoint_auth_method: 'client_secret_post',
    };
    expect(normalizeRegistration(body)).toMatchObject({ token_endpoint_auth_method: 'client_secret_post' });
  });

  it('keeps only members that it knows', () => {
    const body = JSON.parse(
      '{"redirect_uris":["https://a.example/cb"],"constructor":{"x":1},"client_id":"mine","client_secret":"s","jwks":{"keys":[]},"logo_uri":"https://a.example/p.png"}',
    ) as Record<string, unknown>;
    expect(Object.keys(normalizeRegistration(body)).sort()).toEqual([
      'application_type',
      'grant_types',
      'redirect_uris',
      'response_types',
    ]);
  });

  it('shortens a name and takes out what is invisible', () => {
    const name = (client_name: string) =>
      normalizeRegistration({ redirect_uris: ['https://a.example/cb'], client_name })['client_name'];
    expect(name('Good\u202Etxt.\u0000\u200B\nname')).toBe('Goodtxt.name');
    expect(name('x'.repeat(1_000))).toHaveLength(80);
    expect(name(' \u2028 ')).toBeUndefined();
  });

  it.each([
    [undefined],
    [[]],
    ['https://a.example/cb'],
    [Array.from({ length: 21 }, (_, i) => `https://a.example/${i}`)],
    [[`https://a.example/${'x'.repeat(2_000)}`]],
    [[null]],
    [['/relative']],
    [['https://a.example/cb#x']],
    [['https://a.example/cb#']],
    [['https://user:password@a.example/cb']],
    [['http://a.example/cb']],
    [['http://127.0.0.2/cb']],
    [['http://127.0.0.1.evil.example/cb']],
    [['https://a.example;script-src/cb']],
    [['https://a.example,b.example/cb']],
    [['javascript:alert(1)']],
    [['JavaScript://x/%0aalert(1)']],
    [['data:text/html,x']],
    [['vbscript:x']],
    [['file:///etc/passwd']],
    [['blob:https://a.example/x']],
    [['https://good.example/cb', 'javascript:alert(1)']],
  ])('with redirect_uris %j is refused', (redirect_uris) => {
    expect(() => normalizeRegistration({ redirect_uris })).toThrow('invalid_redirect_uri');
  });

  it.each([
    { grant_types: ['client_credentials'] },
    { response_types: ['token'] },
    { token_endpoint_auth_method: 'private_key_jwt' },
    { client_name: { toString: 'x' } },
    { client_name: 'x'.repeat(10_000) },
    { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] } },
    { jwks: { keys: [{ kty: 'oct', k: 'secret' }] } },
    { jwks: 'keys' },
    JSON.parse('{"__proto__":{"x":1}}') as object,
  ])('with %j is refused', (members) => {
    const body = { redirect_uris: ['https://a.example/cb'], ...members };
    expect(() => normalizeRegistration(body)).toThrow('invalid_client_metadata');
  });
});
