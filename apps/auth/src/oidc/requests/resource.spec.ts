import { existingScopes, parseResource, possibleScopes } from './resource.js';

const ORIGIN = 'http://127.0.0.1:8080';

describe('a resource indicator', () => {
  it('names a server of a tenant', () => {
    const url = `${ORIGIN}/demo/mcp/everything/server`;
    expect(parseResource(ORIGIN, url)).toEqual({ kind: 'server', url, tenant: 'demo', server: 'everything' });
  });

  it('names the admin API', () => {
    expect(parseResource(ORIGIN, `${ORIGIN}/api/v1`)).toEqual({ kind: 'api', url: `${ORIGIN}/api/v1` });
  });

  it('may spell the host in capitals', () => {
    const resource = parseResource('https://gate.example', 'HTTPS://Gate.Example/demo/mcp/x/server');
    expect(resource?.url).toBe('https://gate.example/demo/mcp/x/server');
  });

  it.each([
    '',
    'everything',
    `${ORIGIN}`,
    `${ORIGIN}/`,
    `${ORIGIN}/demo/mcp/everything`,
    `${ORIGIN}/demo/mcp/everything/server/`,
    `${ORIGIN}/demo/mcp/everything/key`,
    `${ORIGIN}/demo/mcp/everything/server?x=1`,
    `${ORIGIN}/demo/mcp/everything/server#x`,
    `${ORIGIN}/Demo/mcp/everything/server`,
    `${ORIGIN}/demo/mcp/%65verything/server`,
    `${ORIGIN}/api/v1/`,
    'http://127.0.0.1:8081/demo/mcp/everything/server',
    'https://127.0.0.1:8080/demo/mcp/everything/server',
    'http://localhost:8080/demo/mcp/everything/server',
    'http://user@127.0.0.1:8080/demo/mcp/everything/server',
    'http://127.0.0.1:8080.evil.example/demo/mcp/everything/server',
  ])('is refused if it is no address of ours: %s', (indicator) => {
    expect(parseResource(ORIGIN, indicator)).toBeNull();
  });
});

describe('scopes', () => {
  const server = { kind: 'server', url: '', tenant: 'demo', server: 'x' } as const;
  const api = { kind: 'api', url: '' } as const;

  it('that are possible are those which every server has, and a server’s own', () => {
    const asked = 'api mcp:deploy openid mcp:call mcp:READ mcp:deploy:all';
    expect(possibleScopes(server, asked)).toEqual(['mcp:call', 'mcp:deploy']);
    expect(possibleScopes(api, asked)).toEqual(['api']);
  });

  it('are not looked at without end', () => {
    const asked = Array.from({ length: 1_000 }, (_, at) => `mcp:s${at}`).join(' ');
    expect(possibleScopes(server, asked)).toHaveLength(20);
  });

  it('exist if they are every server’s, or this server defines them', () => {
    const asked = ['mcp:call', 'mcp:deploy', 'mcp:admin'];
    expect(existingScopes(server, asked, [{ name: 'deploy' }, { name: 'other' }])).toEqual([
      'mcp:call',
      'mcp:deploy',
    ]);
  });
});
