import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerResourceMetadata } from './resource-metadata.js';

const ORIGIN = 'https://gate.example';
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

let server: Server;
let at: string;
beforeAll(async () => {
  server = createServer((request, response) => answerResourceMetadata(ORIGIN, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('resource metadata', () => {
  it.each([
    [`${WELL_KNOWN}/demo/mcp/everything/server`, `${ORIGIN}/demo/mcp/everything/server`],
    [WELL_KNOWN, ORIGIN],
    [`${WELL_KNOWN}?x=1`, ORIGIN],
  ])('at %s is of the resource %s', async (path, resource) => {
    const response = await fetch(at + path, { headers: { 'x-forwarded-host': 'evil.example' } });
    expect(await response.json()).toMatchObject({
      resource,
      authorization_servers: [ORIGIN],
      scopes_supported: ['mcp:read', 'mcp:call'],
    });
  });

  it.each([WELL_KNOWN, `${WELL_KNOWN}/demo/mcp/everything/server`])(
    'may be read by a page of any origin at %s, and its head alone',
    async (path) => {
      const preflight = await fetch(at + path, { method: 'OPTIONS' });
      expect(preflight.status).toBe(204);
      for (const response of [preflight, await fetch(at + path)])
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
      const head = await fetch(at + path, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
      expect((await fetch(at + path, { method: 'POST' })).status).toBe(405);
    },
  );

  it.each([
    `${WELL_KNOWN}/demo/mcp/everything/key`,
    `${WELL_KNOWN}/`,
    `${WELL_KNOWN}/demo`,
    '/demo/mcp/everything/key/.well-known/oauth-protected-resource',
    '/demo/mcp/everything/key/.well-known/openid-configuration',
  ])('is not at %s', async (path) => {
    expect((await fetch(at + path)).status).toBe(404);
  });
});
