import { Name } from '@gatehouse/contracts';
import fc from 'fast-check';
import { metadataUrl, parseMcpPath, parseMetadataPath, resourceUrl } from './mcp-url.js';

const ORIGIN = 'https://gate.example';

describe('an MCP address', () => {
  it('is read from the path, door included', () => {
    expect(parseMcpPath('/demo/mcp/everything/server')).toEqual({
      tenant: 'demo',
      server: 'everything',
      door: 'oauth',
    });
    expect(parseMcpPath('/demo/mcp/everything/key?x=/y')).toEqual({
      tenant: 'demo',
      server: 'everything',
      door: 'key',
    });
  });

  it.each([
    '//demo/mcp/s/server',
    '/demo//mcp/s/server',
    '/demo/mcp/s/server/',
    '/demo/mcp/s/server//',
    '/demo/mcp/s/server;x',
    '/demo;x/mcp/s/server',
    '/%64emo/mcp/s/server',
    '/demo/mcp/s%2fserver',
    '/demo/mcp/s/serve%72',
    '/demo/mcp/s/server%00',
    '/demo/mcp/s/server%3f',
    '/demo/mcp/s/server#x',
    '/demo/mcp/./s/server',
    '/demo/mcp/x/../s/server',
    '/demo/mcp/x/..%2fs/server',
    '/Demo/mcp/s/server',
    '/demo/MCP/s/server',
    '/demo/mcp/s/Server',
    '/demo/mcp/s/server\n',
    '/demo/mcp/s/servers',
    '/demo/mcp/s',
    '/demo/mcp//server',
    '/-a/mcp/s/server',
    '/a-/mcp/s/server',
    '/__proto__/mcp/s/server',
    `/${'a'.repeat(64)}/mcp/s/server`,
    '\\demo\\mcp\\s\\server',
    'http://evil/demo/mcp/s/server',
    'demo/mcp/s/server',
    '*',
    '',
  ])('is not %j', (target) => expect(parseMcpPath(target)).toBeNull());

  it('takes the names that the contracts take, and no others', () => {
    const name = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', '0', '-'), minLength: 60, maxLength: 65 }),
    );
    fc.assert(
      fc.property(name, (text) => {
        expect(parseMcpPath(`/demo/mcp/${text}/server`) !== null).toBe(Name.safeParse(text).success);
        expect(parseMcpPath(`/${text}/mcp/s/server`) !== null).toBe(Name.safeParse(text).success);
      }),
      { numRuns: 5_000 },
    );
  });

  it('and its metadata address lead to each other', () => {
    const address = { tenant: 'demo', server: 'github' };
    expect(resourceUrl(ORIGIN, address)).toBe('https://gate.example/demo/mcp/github/server');
    expect(metadataUrl(ORIGIN, address)).toBe(
      'https://gate.example/.well-known/oauth-protected-resource/demo/mcp/github/server',
    );
    expect(parseMcpPath(new URL(resourceUrl(ORIGIN, address)).pathname)).toMatchObject(address);
    expect(parseMetadataPath(new URL(metadataUrl(ORIGIN, address)).pathname)).toEqual(address);
  });

  it('has no metadata behind the door for keys, and none elsewhere', () => {
    for (const path of ['/demo/mcp/s/key', '/demo/mcp/s/server/', '', '/', '/demo', '//demo/mcp/s/server']) {
      expect(parseMetadataPath(`/.well-known/oauth-protected-resource${path}`)).toBeNull();
    }
    expect(parseMetadataPath('/xwell-known/oauth-protected-resource/demo/mcp/s/server')).toBeNull();
  });
});
